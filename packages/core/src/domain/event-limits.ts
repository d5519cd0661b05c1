/** Largest event as JSON, in bytes; a larger one is taken from the client and dropped. */
export const EVENT_SIZE_BYTES_MAX = 1_500_000

/**
 * Whether an event's JSON is small enough to be kept.
 *
 * @param json the event as it would be stored
 */
export function fitsEventSize(json: string, sizeBytesMax = EVENT_SIZE_BYTES_MAX): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8, so most texts need no counting.
  if (json.length * 3 <= sizeBytesMax) return true
  return json.length <= sizeBytesMax && utf8Length(json) <= sizeBytesMax
}

function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    // Each half of a surrogate pair stands for two of the four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}

/** Remembers ids that were seen lately, so that an event which a client sends again is taken once. */
export class RecentIds {
  readonly #idsMax: number
  readonly #keepUs: number
  /** In the order in which they were seen. */
  readonly #seenAtUs = new Map<string, number>()

  /**
   * @param idsMax the oldest ids are forgotten beyond so many. Default 1000.
   * @param keepSeconds how long an id is remembered. Default 5 minutes.
   */
  constructor(idsMax = 1000, keepSeconds = 300) {
    this.#idsMax = idsMax
    this.#keepUs = keepSeconds * 1_000_000
  }

  get size(): number {
    return this.#seenAtUs.size
  }

  /** Notes an id. Returns false when it was seen before. */
  add(id: string, nowUs: number): boolean {
    const seenAtUs = this.#seenAtUs.get(id)
    if (seenAtUs !== undefined && nowUs - seenAtUs < this.#keepUs) return false
    this.#seenAtUs.delete(id)
    this.#seenAtUs.set(id, nowUs)
    if (this.#seenAtUs.size > this.#idsMax) this.#seenAtUs.delete(this.#seenAtUs.keys().next().value!)
    return true
  }
}
