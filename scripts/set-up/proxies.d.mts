export function ensureProxies(): Promise<string[]>
export function findProxy(name: string): string | undefined
export function howToGet(name: string): string
export function installPackages(packages: string[]): Promise<void>
export function mayInstall(): boolean
