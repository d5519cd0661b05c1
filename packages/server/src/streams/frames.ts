import { parseExactJson } from '@spillway/core/wire/exact-json'

/** One outgoing message, encoded at most once for each transport, however many peers get it. */
export interface Frame {
  /** A whole websocket text frame. */
  readonly websocket: Buffer
  /** The same as a server-sent event. */
  readonly sse: Buffer
}

/** A message of a protocol: `auth_success`, a worker's snapshot, the answer to a resume. */
export class MessageFrame implements Frame {
  readonly #text: string
  #websocket: Buffer | undefined

  constructor(text: string) {
    this.#text = text
  }

  get websocket(): Buffer {
    return (this.#websocket ??= textFrame(this.#text))
  }

  /** The event's name is the message's type. */
  get sse(): Buffer {
    const type = /^\{"type":"(\w+)"/.exec(this.#text)?.[1] ?? 'message'
    return Buffer.from(`event: ${type}\ndata: ${this.#text}\n\n`)
  }
}

/** An event or a log line on its way to subscribers, with the cursor behind it. */
export class DeliveryFrame implements Frame {
  readonly #kind: 'event' | 'log'
  readonly #body: string
  readonly #cursor: string
  readonly #epoch: string
  readonly #dropped: number
  #websocket: Buffer | undefined
  #sse: Buffer | undefined

  /** @param dropped How many the subscription has missed so far; told only when there are any, so that frames can be shared. */
  constructor(kind: 'event' | 'log', body: string, cursor: string, epoch: string, dropped = 0) {
    this.#kind = kind
    this.#body = body
    this.#cursor = cursor
    this.#epoch = epoch
    this.#dropped = dropped
  }

  get websocket(): Buffer {
    return (this.#websocket ??= textFrame(`{"type":"${this.#kind}","${this.#kind}":${this.#body}${this.#extras}}`))
  }

  get sse(): Buffer {
    return (this.#sse ??= Buffer.from(
      `id: ${this.#cursor}\nevent: ${this.#kind}\ndata: {"${this.#kind}":${this.#body}${this.#extras}}\n\n`,
    ))
  }

  get #extras(): string {
    const dropped = this.#dropped > 0 ? `,"dropped":${this.#dropped}` : ''
    return `,"cursor":"${this.#cursor}","epoch":"${this.#epoch}"${dropped}`
  }
}

/** An unmasked text frame, FIN set (RFC 6455 §5.2). Written whole to the socket: one chunk, shared by all who get it. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = 0x81
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  frame.write(text, head, 'utf8')
  return frame
}

/** What the wrapping of a body adds to a frame, at most: type, cursor, epoch, count of dropped. */
const wrappingBytes = 512

/**
 * The body of an event as subscribers get it. One that a stock subscriber would refuse (over 1 MiB, it closes and asks for it again
 * for ever: catalogue, A20) goes out with its payload replaced by a notice of where the whole event is.
 */
export function deliverableEvent(body: string, frameBytesMax: number, onTrimmed: () => void): string {
  const bodyBytesMax = frameBytesMax - wrappingBytes
  if (body.length * 3 <= bodyBytesMax || Buffer.byteLength(body) <= bodyBytesMax) return body
  onTrimmed()
  const event = parseExactJson(body) as Record<string, unknown>
  const notice = {
    'spillway.trimmed': `This event has ${Buffer.byteLength(body)} bytes, too many for a websocket frame. Read it whole with POST /events/filter and {"filter":{"id":{"id":["${String(event['id'])}"]}}}.`,
  }
  const trimmed = JSON.stringify({ ...event, payload: notice })
  if (Buffer.byteLength(trimmed) <= bodyBytesMax) return trimmed
  const bare = JSON.stringify({ ...event, payload: notice, related: [] })
  if (Buffer.byteLength(bare) <= bodyBytesMax) return bare
  const id = (event['resource'] as Record<string, string> | undefined)?.['prefect.resource.id'] ?? ''
  return JSON.stringify({ ...event, payload: notice, related: [], resource: { 'prefect.resource.id': id } })
}

/** The body of a log line, its message cut where the frame would be too large for a stock subscriber. */
export function deliverableLog(body: string, frameBytesMax: number, onTrimmed: () => void): string {
  const bodyBytesMax = frameBytesMax - wrappingBytes
  if (body.length * 3 <= bodyBytesMax || Buffer.byteLength(body) <= bodyBytesMax) return body
  onTrimmed()
  const log = parseExactJson(body) as { message: string }
  const notice = ` … [cut: the line has ${log.message.length} characters; read it whole with POST /logs/filter]`
  // A character takes at most 6 bytes of JSON (an escape).
  const keep = Math.floor((bodyBytesMax - 2_048) / 6)
  return JSON.stringify({ ...log, message: log.message.slice(0, keep) + notice })
}
