import { createHash } from 'node:crypto'
import { formatIso } from '@spillway/core/wire/time'
import { durationMs, type Duration } from '../duration.ts'
import type { Session } from '../session.ts'
import type { ResultStorage } from './result-storage.ts'
import { decodeRecord, encodeRecord, isExpired, jsonMetadata, type ResultMetadata } from './result-record.ts'

/** Under which key a result is found again, and for how long. */
export interface CacheOptions<Args extends readonly unknown[] = readonly unknown[]> {
  /**
   * What the result is known by; undefined: this call is not cached. The Python client finds results that TypeScript
   * kept under the same key, and the other way round where it writes JSON.
   */
  readonly key: (call: { readonly args: Args }) => string | undefined
  /** How long a result holds. Default: for ever. */
  readonly ttl?: Duration
  /** Runs the task and writes its result anew, whatever is there. */
  readonly refresh?: boolean
}

/** `inputs`: by the arguments and the task's own code. */
export type CachePolicy<Args extends readonly unknown[]> = 'inputs' | CacheOptions<Args>

/**
 * The name that a call's result is kept under.
 *
 * @returns undefined when the call cannot be cached; `complain` was told why then, where it is not plain.
 */
export function cacheNameOf<Args extends readonly unknown[]>(
  policy: CachePolicy<Args> | undefined,
  taskKey: string,
  args: Args,
  complain: (why: string) => void,
): string | undefined {
  if (policy === undefined) return undefined
  if (policy !== 'inputs') return policy.key({ args })
  const stable = stableJson(args)
  if (stable === undefined) {
    complain('its arguments hold something that is not plain data, so this call is not cached')
    return undefined
  }
  return `ts-${createHash('sha256').update(taskKey).update('\0').update(stable).digest('hex')}`
}

/** The kept result under a name; undefined when there is none, it has expired, or it cannot be read. */
export async function readKept(session: Session, name: string, storage: ResultStorage = session.storage): Promise<{ value: unknown; metadata: ResultMetadata } | undefined> {
  try {
    const key = storage.keyFor(name)
    const text = await storage.read(key)
    if (text === undefined) return undefined
    const { value, metadata = jsonMetadata(key, null, storage.blockId) } = decodeRecord(text)
    return isExpired(metadata, session.clock.nowUs() / 1000) ? undefined : { value, metadata }
  } catch (error) {
    session.warn(`the kept result '${name}' is not used: ${(error as Error).message}`)
    return undefined
  }
}

interface KeepOptions {
  readonly ttl?: Duration | undefined
  /** Default: the session's. */
  readonly storage?: ResultStorage | undefined
}

/** Keeps a result. @throws {SerializationError} for what JSON cannot hold. */
export async function keep(session: Session, name: string, value: unknown, options: KeepOptions = {}): Promise<ResultMetadata> {
  const { metadata, write } = prepareToKeep(session, name, value, options)
  await write()
  return metadata
}

/** Makes a result ready to be kept, which `write` does. @throws {SerializationError} for what JSON cannot hold. */
export function prepareToKeep(session: Session, name: string, value: unknown, { ttl, storage = session.storage }: KeepOptions = {}): { metadata: ResultMetadata; write: () => Promise<void> } {
  const key = storage.keyFor(name)
  const expiration = ttl === undefined ? null : formatIso(session.clock.nowUs() + durationMs(ttl) * 1000)
  const metadata = jsonMetadata(key, expiration, storage.blockId)
  const text = encodeRecord(value, metadata)
  return { metadata, write: () => storage.write(key, text) }
}

/** JSON whose keys are sorted; undefined for anything but plain data. */
export function stableJson(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : undefined
  if (value === undefined) return 'null'
  if (Array.isArray(value)) return joined(value.map(stableJson), '[', ']')
  if (typeof value !== 'object') return undefined
  if (value instanceof Date) return JSON.stringify(value)
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return undefined
  const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  const texts = members.map(([key, member]) => {
    const text = stableJson(member)
    return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`
  })
  return joined(texts, '{', '}')
}

function joined(parts: readonly (string | undefined)[], open: string, close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(',')}${close}`
}
