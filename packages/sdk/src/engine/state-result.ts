import { MissingResultError } from '../errors.ts'
import type { Session } from '../session.ts'
import { storageOfBlock } from './block-storage.ts'
import { checkSerializer, decodeRecord, isResultMetadata } from './result-record.ts'
import { errorOfState, type State } from './state.ts'

/**
 * The result that a state tells of, also one that Python has written.
 *
 * @throws {MissingResultError} when it was not kept, is gone, lies where this process cannot read, or is not JSON; the
 * state's own error when it did not complete.
 */
export async function readStateResult(session: Session, state: Pick<State, 'type' | 'name' | 'message'> & { readonly data: unknown }, what = 'the run'): Promise<unknown> {
  if (state.type !== 'COMPLETED') throw errorOfState(state, what)
  const { data } = state
  if (!isResultMetadata(data) || data.storage_key === null) {
    throw new MissingResultError(`${what} completed, but its result was not kept: set result: { persist: true } on a TypeScript flow, or persist_result=True and result_serializer="json" on a Python flow`)
  }
  checkSerializer(data.serializer)
  let text: string | undefined
  try {
    const storage = data.storage_block_id === null ? session.storage : await storageOfBlock(session, data.storage_block_id)
    text = await storage.read(data.storage_key)
  } catch (cause) {
    throw new MissingResultError(`the result of ${what} cannot be read: ${(cause as Error).message}`, { cause })
  }
  if (text === undefined) throw new MissingResultError(`the result of ${what} is not at ${data.storage_key}: it ran on another machine, or somebody removed it`)
  return decodeRecord(text, data.serializer).value
}
