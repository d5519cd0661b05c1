export function ensureAutobahn(): Promise<{ command: string; args: string[]; env: Record<string, string> }>
