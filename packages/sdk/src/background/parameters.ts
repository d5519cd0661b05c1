import { randomUUID } from 'node:crypto'
import { decodeRecord, encodeRecord, jsonMetadata } from '../engine/result-record.ts'
import { MissingResultError } from '../errors.ts'
import type { Session } from '../session.ts'

/** Keeps the arguments of a background run where Python's task workers look for them. @returns the id that its state names. */
export async function keepParameters(session: Session, parameters: Readonly<Record<string, unknown>>): Promise<string> {
  const id = randomUUID()
  await session.storage.write(session.storage.keyFor(`parameters/${id}`), encodeRecord({ parameters }, jsonMetadata(id, null)))
  return id
}

/** @throws {MissingResultError} when they are not there, or only Python reads them. */
export async function readParameters(session: Session, id: string): Promise<Readonly<Record<string, unknown>>> {
  const key = session.storage.keyFor(`parameters/${id}`)
  const text = await session.storage.read(key)
  if (text === undefined) {
    throw new MissingResultError(`the arguments of the run are not at ${key}: whoever delays a task and whoever serves it need the same storage (PREFECT_LOCAL_STORAGE_PATH)`)
  }
  const { parameters = {} } = decodeRecord(text).value as { parameters?: Record<string, unknown> }
  return parameters
}
