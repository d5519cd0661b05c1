/** What comes out of a {@link FrameReader}. `payload` is only there for frames that were kept, and only until the call ends. */
export interface FrameSink {
  /** Whether the payload of a frame with this opcode is wanted. Control frames are always kept. */
  wants(opcode: number): boolean
  frame(opcode: number, length: number, payload: Buffer): void
}

const NOTHING = Buffer.alloc(0)

/**
 * Reads a server's websocket frames from what comes in over a socket, and copies nothing that nobody wants: a load process must
 * spend less on a frame than the server that it measures.
 */
export class FrameReader {
  readonly #sink: FrameSink
  /** Part of a frame's head, kept from the last chunk. */
  #head: Buffer | undefined
  #opcode = 0
  #length = 0
  #left = 0
  #kept: Buffer[] | undefined

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  read(received: Buffer): void {
    const bytes = this.#head ? Buffer.concat([this.#head, received]) : received
    this.#head = undefined
    for (let at = 0; at < bytes.length;) {
      if (this.#left === 0) {
        const headEnd = this.#readHead(bytes, at)
        if (headEnd < 0) {
          this.#head = Buffer.from(bytes.subarray(at))
          return
        }
        at = headEnd
      }
      const take = Math.min(this.#left, bytes.length - at)
      const whole = take === this.#length
      if (this.#kept && !whole) this.#kept.push(Buffer.from(bytes.subarray(at, at + take)))
      this.#left -= take
      if (this.#left === 0) {
        const payload = this.#kept === undefined ? NOTHING : whole ? bytes.subarray(at, at + take) : Buffer.concat(this.#kept)
        this.#sink.frame(this.#opcode, this.#length, payload)
      }
      at += take
    }
  }

  /** @returns Where the payload begins; -1 when part of the head is missing. */
  #readHead(bytes: Buffer, at: number): number {
    if (at + 2 > bytes.length) return -1
    const short = bytes[at + 1]! & 0x7f
    const end = at + (short === 127 ? 10 : short === 126 ? 4 : 2)
    if (end > bytes.length) return -1
    this.#opcode = bytes[at]! & 0x0f
    this.#length = short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short
    this.#left = this.#length
    this.#kept = this.#opcode >= 8 || this.#sink.wants(this.#opcode) ? [] : undefined
    return end
  }
}

/** A client's frame. The masking key is zero, which leaves the payload as it is. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  if (length > 0xffff) throw new Error('a frame of the bench has at most 65,535 bytes')
  const head = length < 126 ? Buffer.from([0x80 | opcode, 0x80 | length]) : Buffer.from([0x80 | opcode, 0xfe, length >> 8, length & 0xff])
  return Buffer.concat([head, Buffer.alloc(4), payload])
}
