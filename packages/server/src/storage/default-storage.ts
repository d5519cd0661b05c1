import type { Sql, Tx } from './port.ts'

/** Key of the row in `configuration` that names the block where results are kept by default. */
const configurationKey = 'server-default-result-storage'

/** The block document that clients store results with unless they say otherwise, as ServerDefaultResultStorage. */
export async function defaultStorageJson(sql: Sql): Promise<string> {
  const row = await sql.get<{ value: string }>('select value from configuration where key = ?', [configurationKey])
  return row?.value ?? '{"default_result_storage_block_id":null}'
}

export async function writeDefaultStorage(tx: Tx, blockDocumentId: string): Promise<void> {
  await tx.run(
    `insert into configuration (key, updated, value) values (?, ?, ?)
     on conflict (key) do update set updated = excluded.updated, value = excluded.value`,
    [configurationKey, tx.nowUs, JSON.stringify({ default_result_storage_block_id: blockDocumentId })],
  )
}

export async function clearDefaultStorage(tx: Tx): Promise<void> {
  await tx.run('delete from configuration where key = ?', [configurationKey])
}

/** Clears the setting when its block has just been deleted, alone or with its type or schema. */
export async function clearLostDefaultStorage(tx: Tx): Promise<void> {
  const stored = JSON.parse(await defaultStorageJson(tx)) as { default_result_storage_block_id: string | null }
  const id = stored.default_result_storage_block_id
  if (!id) return
  const block = await tx.get('select 1 from block_document where id = ?', [id])
  if (!block) await clearDefaultStorage(tx)
}
