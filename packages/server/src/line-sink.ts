import { fstatSync, write } from 'node:fs'
import { Socket } from 'node:net'

/** Why lines did not get out: the reader is too slow, or the descriptor refuses them (a full disk, nobody at the other end). */
export type LostLines = 'full' | 'failed'

type WriteChunk = (chunk: Buffer, done: (error: Error | null | undefined) => void) => void

/** Lines to a descriptor, at once and without waiting: what does not fit into `bytesMax` or cannot be written is dropped and counted. */
export class LineSink {
  readonly #write: WriteChunk
  readonly #bytesMax: number
  readonly #onLost: (why: LostLines, lines: number) => void
  #lines: string[] = []
  #bytes = 0
  #writing = false
  #onEmpty: (() => void)[] = []

  /** @param descriptor 1 or 2, or a way to write chunks one after the other. */
  constructor(descriptor: number | WriteChunk, bytesMax: number, onLost: (why: LostLines, lines: number) => void = () => {}) {
    this.#write = typeof descriptor === 'number' ? chunkWriter(descriptor) : descriptor
    this.#bytesMax = bytesMax
    this.#onLost = onLost
  }

  write(line: string): void {
    if (this.#bytes + line.length > this.#bytesMax) return this.#onLost('full', 1)
    this.#lines.push(line)
    this.#bytes += line.length
    this.#next()
  }

  /** Resolves when everything is out, or after so long. */
  async flush(withinMs: number): Promise<void> {
    if (!this.#writing) return
    await new Promise<void>((resolve) => {
      setTimeout(resolve, withinMs).unref()
      this.#onEmpty.push(resolve)
    })
  }

  #next(): void {
    if (this.#writing) return
    if (this.#lines.length === 0) {
      for (const resolve of this.#onEmpty.splice(0)) resolve()
      return
    }
    const lines = this.#lines
    const bytes = this.#bytes
    this.#lines = []
    this.#writing = true
    this.#write(Buffer.from(lines.join('')), (error) => {
      this.#writing = false
      // Only now: what a pipe holds back is this process's memory still.
      this.#bytes -= bytes
      if (error) this.#onLost('failed', lines.length)
      this.#next()
    })
  }
}

/**
 * A pipe or a socket is written by the event loop, so that one that nobody reads holds up nothing: neither this thread nor one of
 * the few that do the work of files. Files and terminals take what they are given.
 */
function chunkWriter(descriptor: number): WriteChunk {
  if (!isPipe(descriptor)) return (chunk, done) => writeWhole(descriptor, chunk, done)
  const socket = pipes.get(descriptor) ?? openPipe(descriptor)
  pipes.set(descriptor, socket)
  return (chunk, done) => void socket.write(chunk, done)
}

function openPipe(descriptor: number): Socket {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true })
  socket.unref()
  return socket.on('error', () => {}) // The chunk under way is told, and every further one.
}

/** One handle for each descriptor: the event loop cannot watch one twice. */
const pipes = new Map<number, Socket>()

function isPipe(descriptor: number): boolean {
  try {
    const kind = fstatSync(descriptor)
    return kind.isFIFO() || kind.isSocket()
  } catch {
    return false // Closed: every write will tell.
  }
}

function writeWhole(descriptor: number, chunk: Buffer, done: (error: Error | null | undefined) => void): void {
  write(descriptor, chunk, (error, written) => {
    if (error || written >= chunk.byteLength) done(error)
    else writeWhole(descriptor, chunk.subarray(written), done)
  })
}
