import { httpError } from '../errors.ts'
import { noContent, ok } from '../storage/answers.ts'
import { clearDefaultStorage, defaultStorageJson, writeDefaultStorage } from '../storage/default-storage.ts'
import type { Answer, Tx } from '../storage/port.ts'

/** Names the block document that results are kept with by default; it must be one that can be written to. */
async function setDefaultResultStorage(tx: Tx, args: { blockDocumentId: string }): Promise<Answer> {
  const document = await tx.get<{ capabilities: string }>(
    `select s.capabilities from block_document d join block_schema s on s.id = d.block_schema_id where d.id = ?`,
    [args.blockDocumentId],
  )
  if (!document) throw httpError(404, `Block document ${args.blockDocumentId} not found.`)
  if (!(JSON.parse(document.capabilities) as string[]).includes('write-path')) {
    throw httpError(422, `Block document ${args.blockDocumentId} cannot be used for result storage.`)
  }
  await writeDefaultStorage(tx, args.blockDocumentId)
  return ok(await defaultStorageJson(tx))
}

async function clearDefaultResultStorage(tx: Tx): Promise<Answer> {
  await clearDefaultStorage(tx)
  return noContent()
}

export const adminCommands = { setDefaultResultStorage, clearDefaultResultStorage }
