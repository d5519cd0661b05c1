export const prefectVersions: string[]
export function ensurePrefect(version: string): Promise<{ python: string; prefectCommand: string; dir: string }>
export function ensurePrefectAws(): Promise<{ python: string; motoCommand: string; dir: string }>
export function ensureSchemathesis(): Promise<{ python: string; schemathesisCommand: string; dir: string }>
export function findOrInstallUv(): Promise<string | undefined>
