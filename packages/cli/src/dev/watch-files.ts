import { statSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'

/** An editor writes a file in several steps. */
const SETTLE_MS = 100

/** Calls back when one of some files changes, is replaced, or comes again. Its folders are watched: editors put new files in place of old ones. */
export class FileWatch {
  readonly #onChange: (file: string) => void
  readonly #folders = new Map<string, FSWatcher>()
  readonly #known = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(onChange: (file: string) => void) {
    this.#onChange = onChange
  }

  /** Watches these files, too. */
  add(files: readonly string[]): void {
    for (const file of files) {
      if (this.#known.has(file)) continue
      this.#known.set(file, stampOf(file))
      const folder = path.dirname(file)
      if (this.#folders.has(folder)) continue
      const watcher = watch(folder, () => this.#look())
      watcher.on('error', () => this.#folders.delete(folder)) // The folder is gone.
      this.#folders.set(folder, watcher)
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#folders.values()) watcher.close()
  }

  /** Systems tell of changes in many ways, and twice: what a file is says whether it has changed. */
  #look(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const changed = [...this.#known].filter(([file, stamp]) => stampOf(file) !== stamp)
      for (const [file] of changed) this.#known.set(file, stampOf(file))
      const there = changed.find(([file]) => stampOf(file) !== '')
      if (there) this.#onChange(there[0])
    }, SETTLE_MS)
  }
}

function stampOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return ''
  }
}
