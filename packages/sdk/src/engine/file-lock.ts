import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../clock.ts'
import { sdkLimits } from '../limits.ts'

interface LockFile {
  readonly holder: string
  /** As ISO text; null: until it is released. */
  readonly expiration: string | null
}

/**
 * Waits for a lock that is a file, in the form of Python's `FileSystemLockManager`, so that both sides can hold the same.
 *
 * @returns how to release it
 * @throws the signal's reason
 */
export async function lockFile(folder: string, key: string, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<AsyncDisposable> {
  const file = path.join(folder, `${key.slice(0, key.length - path.extname(key).length)}.lock`)
  const holder = randomUUID()
  await mkdir(path.dirname(file), { recursive: true })
  while (!(await create(file, holder))) {
    signal.throwIfAborted()
    if (!(await isOver(file)) || !(await removeOver(file))) await clock.sleep(sdkLimits.fileLockLookMs, signal)
  }
  const renewer = setInterval(() => void writeFile(file, content(holder)).catch(() => {}), sdkLimits.fileLockRenewMs)
  renewer.unref()
  const release = async (): Promise<void> => {
    clearInterval(renewer)
    // Somebody may have taken it over, if this process stood still for long.
    if ((await read(file))?.holder === holder) await rm(file, { force: true })
  }
  return { [Symbol.asyncDispose]: release }
}

async function create(file: string, holder: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(content(holder))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function content(holder: string): string {
  return JSON.stringify({ holder, expiration: new Date(Date.now() + sdkLimits.fileLockMs).toISOString() } satisfies LockFile)
}

async function read(file: string): Promise<LockFile | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockFile
  } catch {
    return undefined
  }
}

async function isOver(file: string): Promise<boolean> {
  const lock = await read(file)
  if (lock) return lock.expiration !== null && Date.parse(lock.expiration) <= Date.now()
  // Being written at this moment, or left half written by a process that died.
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }))
  return mtimeMs + sdkLimits.fileLockMs <= Date.now()
}

/**
 * Of several that find a lock over, one at a time looks again and removes it: what is there by then may be the lock of the one before.
 *
 * @returns false when another is at it
 */
async function removeOver(file: string): Promise<boolean> {
  const turn = `${file}.over`
  if (!(await create(turn, ''))) {
    // Left behind by a process that died at this very place.
    if (await isOver(turn)) await rm(turn, { force: true })
    return false
  }
  try {
    if (await isOver(file)) await rm(file, { force: true })
  } finally {
    await rm(turn, { force: true })
  }
  return true
}
