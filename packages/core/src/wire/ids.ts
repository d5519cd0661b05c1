const COUNTER_MAX = 0xfff
/** A millisecond starts its counter in the lower quarter, so that 3,072 ids fit before the clock is borrowed. */
const COUNTER_START_MASK = 0x3ff
const BYTES_PER_ID = 10
const POOL_IDS = 256

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const pool = new Uint8Array(BYTES_PER_ID * POOL_IDS)
let poolAt = pool.length
let lastMs = -1
let counter = 0

function nextRandomAt(): number {
  if (poolAt === pool.length) {
    crypto.getRandomValues(pool)
    poolAt = 0
  }
  const at = poolAt
  poolAt += BYTES_PER_ID
  return at
}

function hexAt(at: number): string {
  return HEX[pool[at]!]!
}

/**
 * A new UUIDv7, greater than every other that this thread made, also when the clock stands still or goes back:
 * a counter fills `rand_a`, and when it is used up the next millisecond is borrowed.
 *
 * @param nowMs milliseconds since the epoch
 */
export function newUuid7(nowMs: number): string {
  const at = nextRandomAt()
  const ms = Math.floor(nowMs)
  if (ms > lastMs) {
    lastMs = ms
    counter = ((pool[at + 8]! << 8) | pool[at + 9]!) & COUNTER_START_MASK
  } else if (counter < COUNTER_MAX) {
    counter++
  } else {
    lastMs++
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const variant = HEX[(pool[at]! & 0x3f) | 0x80]!
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-7${HEX[counter >> 8]![1]}${HEX[counter & 0xff]}-` +
    `${variant}${hexAt(at + 1)}-${hexAt(at + 2)}${hexAt(at + 3)}${hexAt(at + 4)}` +
    `${hexAt(at + 5)}${hexAt(at + 6)}${hexAt(at + 7)}`
  )
}

const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const SIMPLE = /^[0-9a-f]{32}$/i

/** Whether the text is a uuid in its usual hyphenated form, of any version, in any case. */
export function isUuid(text: string): boolean {
  return text.length === 36 && HYPHENATED.test(text)
}

/**
 * The lower-case hyphenated form of a uuid written in any way that Prefect's API takes: hyphenated, 32 hex digits,
 * `urn:uuid:…` or in braces.
 *
 * @returns undefined when the text is no uuid
 */
export function normalizeUuid(text: string): string | undefined {
  if (isUuid(text)) return text.toLowerCase()
  if (text.length === 32 && SIMPLE.test(text)) {
    const hex = text.toLowerCase()
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
  if (text.length === 38 && text.startsWith('{') && text.endsWith('}')) {
    const inner = text.slice(1, -1)
    return isUuid(inner) ? inner.toLowerCase() : undefined
  }
  if (text.length === 45 && text.slice(0, 9).toLowerCase() === 'urn:uuid:') {
    const inner = text.slice(9)
    return isUuid(inner) ? inner.toLowerCase() : undefined
  }
  return undefined
}
