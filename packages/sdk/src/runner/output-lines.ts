import { write } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sdkLimits } from '../limits.ts'

/** Calls back for each line; cuts long ones, so that a line without end costs no memory. */
export function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  let isCut = false
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (!isCut) onLine(line.length > sdkLimits.outputLineChars ? `${line.slice(0, sdkLimits.outputLineChars)}… (cut)` : line)
      isCut = false
    }
    if (rest.length <= sdkLimits.outputLineChars) return
    if (!isCut) onLine(`${rest.slice(0, sdkLimits.outputLineChars)}… (cut)`)
    isCut = true
    rest = ''
  })
  stream.on('end', () => {
    if (rest !== '' && !isCut) onLine(rest)
  })
}

/** The end of what goes by. */
export class LastWords {
  text = ''

  add(line: string): void {
    this.text = `${this.text}${line}\n`.slice(-sdkLimits.lastWordsChars)
  }
}

/**
 * Lines to a descriptor, without waiting for whoever reads them: `process.stderr` writes to a pipe synchronously, and a reader
 * that has stopped would stop the runner of all runs. What finds no room is dropped and counted.
 */
export class LineWriter {
  readonly #descriptor: number
  #lines: string[] = []
  #waiting = 0
  #dropped = 0
  #isWriting = false

  constructor(descriptor = 2) {
    this.#descriptor = descriptor
  }

  write(line: string): void {
    if (this.#waiting + line.length > sdkLimits.outputWaitingChars) {
      this.#dropped++
      return
    }
    this.#tellDropped()
    this.#add(line)
    if (!this.#isWriting) void this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#lines.length > 0) {
      await this.#writeText(Buffer.from(this.#take()))
      if (this.#lines.length === 0) this.#tellDropped()
    }
    this.#isWriting = false
  }

  #add(line: string): void {
    this.#lines.push(`${line}\n`)
    this.#waiting += line.length + 1
  }

  /** In the place of the lines that are missing. */
  #tellDropped(): void {
    if (this.#dropped > 0) this.#add(`… ${this.#dropped} lines were dropped here: nobody reads them fast enough`)
    this.#dropped = 0
  }

  #take(): string {
    let chars = 0
    let count = 0
    while (count < this.#lines.length && (count === 0 || chars + this.#lines[count]!.length <= sdkLimits.outputWriteChars)) chars += this.#lines[count++]!.length
    this.#waiting -= chars
    return this.#lines.splice(0, count).join('')
  }

  async #writeText(text: Buffer): Promise<void> {
    for (let written = 0; written < text.length;) {
      try {
        written += await writeTo(this.#descriptor, text, written, text.length - written)
      } catch (error) {
        // Nobody is there to read any more: the lines have no other place.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
        await delay(sdkLimits.outputAgainMs)
      }
    }
  }
}

const writeTo = promisify(writeWithCount)

function writeWithCount(descriptor: number, buffer: Buffer, offset: number, length: number, done: (error: Error | null, written: number) => void): void {
  write(descriptor, buffer, offset, length, null, (error, written) => done(error, written))
}
