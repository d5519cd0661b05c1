import { randomBytes } from 'node:crypto'

/** Opcodes of RFC 6455. */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

export interface FrameOptions {
  /** The last frame of its message. Default: true. */
  last?: boolean
  /** The three reserved bits, 4 being the one of permessage-deflate. Default: 0. */
  reserved?: number
  /** Default: a random one, as clients must; undefined for none. */
  mask?: Buffer | undefined
  /** The length that the frame claims to have, whatever follows. */
  claims?: bigint
}

/** A frame as a client sends it, or as no client should. */
export function frame(opcode: number, payload: string | Buffer = '', options: FrameOptions = {}): Buffer {
  const { last = true, reserved = 0 } = options
  const mask = 'mask' in options ? options.mask : randomBytes(4)
  const body = Buffer.from(payload)
  const first = (last ? 0x80 : 0) | (reserved << 4) | opcode
  const masked = mask ? 0x80 : 0
  const claims = options.claims ?? BigInt(body.length)
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(claims)
  const head =
    claims < 126n ? [first, masked | Number(claims)] : claims < 65_536n ? [first, masked | 126, ...long.subarray(6)] : [first, masked | 127, ...long]
  if (mask) for (let at = 0; at < body.length; at += 1) body[at]! ^= mask[at % 4]!
  return Buffer.concat([Buffer.from(head), mask ?? Buffer.alloc(0), body])
}

/** A close frame with a code, and with a reason if there is one. */
export function closeFrame(code: number, reason = ''): Buffer {
  const body = Buffer.alloc(2)
  body.writeUInt16BE(code)
  return frame(opcodes.close, Buffer.concat([body, Buffer.from(reason)]))
}

/** One text message in frames of so many bytes. */
export function fragmented(text: string, bytes: number): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < text.length; at += bytes) {
    const opcode = at === 0 ? opcodes.text : opcodes.continuation
    frames.push(frame(opcode, text.slice(at, at + bytes), { last: at + bytes >= text.length, mask: Buffer.alloc(4) }))
  }
  return Buffer.concat(frames)
}

export interface ReadFrame {
  opcode: number
  last: boolean
  payload: Buffer
}

/** Takes bytes apart into frames, masked or not; what is not whole yet waits for more. */
export class FrameReader {
  #rest = Buffer.alloc(0)

  push(bytes: Buffer): ReadFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: ReadFrame[] = []
    for (let found = readFrame(this.#rest); found; found = readFrame(this.#rest)) {
      frames.push(found.frame)
      this.#rest = this.#rest.subarray(found.bytes)
    }
    return frames
  }
}

function readFrame(bytes: Buffer): { frame: ReadFrame; bytes: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  let start = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < start) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const mask = bytes[1]! & 0x80 ? bytes.subarray(start, start + 4) : undefined
  if (mask) start += 4
  if (bytes.length < start + length) return undefined
  const payload = Buffer.from(bytes.subarray(start, start + length))
  if (mask) for (let at = 0; at < payload.length; at += 1) payload[at]! ^= mask[at % 4]!
  return { frame: { opcode: bytes[0]! & 0xf, last: bytes[0]! >= 0x80, payload }, bytes: start + length }
}

/** The code of a close frame; 1005 for one without. */
export function closeCodeOf({ payload }: ReadFrame): number {
  return payload.length >= 2 ? payload.readUInt16BE(0) : 1005
}
