export function ensureFaketime(): Promise<void>
export function findFaketime(): string | undefined
