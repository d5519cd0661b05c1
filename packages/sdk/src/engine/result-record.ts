import { MissingResultError } from '../errors.ts'
import { fromTaggedJson, toTaggedJson } from './tagged-json.ts'

/** What the state of a run says about its result; the same as the Python client writes. */
export interface ResultMetadata {
  readonly storage_key: string | null
  readonly expiration: string | null
  readonly serializer: { readonly type: string; readonly [option: string]: unknown }
  readonly prefect_version: string
  readonly storage_block_id: string | null
}

/** The version of the format, by the client that it is read by. */
const FORMAT_VERSION = '3.8.8'

export function jsonMetadata(storageKey: string, expiration: string | null, blockId?: string): ResultMetadata {
  return { storage_key: storageKey, expiration, serializer: { type: 'json' }, prefect_version: FORMAT_VERSION, storage_block_id: blockId ?? null }
}

/** @throws {SerializationError} for what JSON cannot hold. */
export function encodeRecord(value: unknown, metadata: ResultMetadata): string {
  return JSON.stringify({ metadata, result: toTaggedJson(value) })
}

/**
 * Reads what lies in storage: a record with its metadata, or the bare result, which is what stock clients write for flows.
 *
 * @param serializer how a bare result was written, as the state says
 * @throws {MissingResultError} for what only Python reads.
 */
export function decodeRecord(text: string, serializer: ResultMetadata['serializer'] = { type: 'json' }): { metadata: ResultMetadata | undefined; value: unknown } {
  checkSerializer(serializer)
  const parsed = JSON.parse(text) as { metadata?: ResultMetadata; result?: unknown } | null
  if (typeof parsed !== 'object' || typeof parsed?.result !== 'string' || typeof parsed.metadata !== 'object') return { metadata: undefined, value: fromTaggedJson(text) }
  checkSerializer(parsed.metadata.serializer)
  return { metadata: parsed.metadata, value: fromTaggedJson(parsed.result) }
}

export function checkSerializer({ type }: ResultMetadata['serializer']): void {
  if (type === 'json') return
  throw new MissingResultError(
    `this result was written with Python's '${type}' serializer, which only Python reads: set result_serializer="json" on the Python flow or task, ` +
      'or PREFECT_RESULTS_DEFAULT_SERIALIZER=json where it runs',
  )
}

export function isExpired(metadata: ResultMetadata, nowMs: number): boolean {
  return metadata.expiration !== null && Date.parse(metadata.expiration) <= nowMs
}

/** Whether a state's data say where a result lies. */
export function isResultMetadata(data: unknown): data is ResultMetadata {
  return typeof data === 'object' && data !== null && 'serializer' in data && 'storage_key' in data
}
