import { SerializationError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'

/**
 * JSON with what JSON does not have, in the words of Python's JSON serializer where that has some: `{"__class__": …, "data": …}`.
 * Python reads Date, Set, BigInt and Map with texts as keys as its own; of other tags it sees the bare object.
 *
 * @throws {SerializationError} that names the place, for what cannot be kept
 */
export function toTaggedJson(value: unknown): string {
  try {
    return JSON.stringify(tagged(value, [])) ?? 'null'
  } catch (cause) {
    throw new SerializationError(`the result cannot be kept: ${(cause as Error).message}. Return plain data, or set result: { persist: false }`, { cause })
  }
}

/** The value of such a text, Python's too: of classes that are not known here it gives the bare data. */
export function fromTaggedJson(text: string): unknown {
  return JSON.parse(text, function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
    // Whole numbers beyond what a double holds are exact in Python.
    if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')) return BigInt(context!.source!)
    return untagged(value)
  })
}

function tagged(value: unknown, path: readonly string[]): unknown {
  const where = path.length === 0 ? 'it' : `'${path.join('.')}'`
  if (path.length > sdkLimits.resultDepth) throw new TypeError(`'${path.slice(0, 5).join('.')}…' is nested more than ${sdkLimits.resultDepth} deep, or refers to itself`)
  if (typeof value === 'bigint') return { __class__: 'builtins.int', data: String(value) }
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`${where} is a ${typeof value}, which cannot be kept`)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${where} is ${value}, which JSON does not have`)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date && Number.isNaN(value.getTime())) throw new TypeError(`${where} is a Date that is no time`)
  if (value instanceof Date) return { __class__: 'datetime.datetime', data: value.toISOString() }
  if (value instanceof Set) return { __class__: 'builtins.set', data: [...value].map((part, index) => tagged(part, [...path, String(index)])) }
  if (value instanceof Uint8Array) return { __class__: 'spillway.Uint8Array', data: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  if (value instanceof Error) return { __class__: 'spillway.Error', data: tagged({ name: value.name, message: value.message, stack: value.stack, cause: value.cause }, path) }
  if (value instanceof Map) return taggedMap(value, path)
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return tagged((value as { toJSON(): unknown }).toJSON(), path)
  if (Array.isArray(value)) return value.map((part, index) => tagged(part, [...path, String(index)]))
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, tagged(part, [...path, key])]))
}

function taggedMap(map: ReadonlyMap<unknown, unknown>, path: readonly string[]): object {
  const entries = [...map].map(([key, part]) => [typeof key === 'string' ? key : tagged(key, path), tagged(part, [...path, String(key)])] as const)
  const hasTexts = [...map.keys()].every((key) => typeof key === 'string')
  return hasTexts ? { __class__: 'builtins.dict', data: Object.fromEntries(entries as [string, unknown][]) } : { __class__: 'spillway.Map', data: entries }
}

const readers: Readonly<Record<string, (data: never) => unknown>> = {
  'builtins.int': (data: string) => BigInt(data),
  'builtins.set': (data: unknown[]) => new Set(data),
  'builtins.frozenset': (data: unknown[]) => new Set(data),
  'builtins.dict': (data: object) => new Map(Object.entries(data)),
  'builtins.bytes': (data: string) => new TextEncoder().encode(data),
  'datetime.datetime': (data: string) => new Date(data),
  'pendulum.datetime.DateTime': (data: string) => new Date(data),
  'spillway.Map': (data: [unknown, unknown][]) => new Map(data),
  'spillway.Uint8Array': (data: string) => new Uint8Array(Buffer.from(data, 'base64')),
  'spillway.Error': ({ name, message, stack, cause }: { name: string; message: string; stack?: string; cause?: unknown }) => Object.assign(new Error(message, cause === undefined ? {} : { cause }), { name, ...(stack === undefined ? {} : { stack }) }),
}

function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('__class__' in value && 'data' in value) {
    const read = readers[String(value.__class__)]
    return read ? read(value.data as never) : value.data
  }
  if ('__exc_type__' in value) return Object.assign(new Error(String((value as { message?: unknown }).message)), { name: String(value.__exc_type__).split('.').at(-1) })
  return value
}
