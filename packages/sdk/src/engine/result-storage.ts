import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../clock.ts'
import { lockFile } from './file-lock.ts'

/** Where results that are kept lie. Keys are what `keyFor` gave. */
export interface ResultStorage {
  /** The block that describes it, which states name so that others find their results. */
  readonly blockId?: string | undefined
  /** The key in storage of a name; it goes into the state, so that other processes find the result. */
  keyFor(name: string): string
  /** undefined: there is none. */
  read(key: string): Promise<string | undefined>
  write(key: string, text: string): Promise<void>
  /** Waits until nobody else has the lock of that name. Where there are no locks, transactions cannot be serializable. */
  lock?(name: string, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<AsyncDisposable>
}

/** A folder. Keys are absolute paths, because the Python client reads those without any setting; in that of a block they are names. */
export class LocalStorage implements ResultStorage {
  readonly blockId: string | undefined
  readonly #folder: string

  constructor(folder: string, blockId?: string) {
    this.#folder = path.resolve(folder)
    this.blockId = blockId
  }

  /** @throws {TypeError} for a name that leads out of the folder. */
  keyFor(name: string): string {
    const file = path.resolve(this.#folder, name)
    if (!file.startsWith(`${this.#folder}${path.sep}`)) throw new TypeError(`'${name}' is no name of a result: it leads out of ${this.#folder}`)
    return this.blockId === undefined ? file : name
  }

  /** Locks are files in the folder `locks`, which Python's `FileSystemLockManager` may be given too. */
  lock(name: string, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<AsyncDisposable> {
    this.keyFor(name)
    return lockFile(path.join(this.#folder, 'locks'), name, clock, signal)
  }

  async read(key: string): Promise<string | undefined> {
    try {
      return await readFile(path.resolve(this.#folder, key), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Readers see the old text or the new one, never a part. */
  async write(key: string, text: string): Promise<void> {
    const file = path.resolve(this.#folder, key)
    await mkdir(path.dirname(file), { recursive: true })
    const unfinished = `${file}.${randomUUID()}.tmp`
    await writeFile(unfinished, text, { mode: 0o600 })
    await rename(unfinished, file)
  }
}
