import { httpError } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import { clearLostDefaultStorage } from '../storage/default-storage.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { encodeBlockType, type BlockTypeRow } from '../storage/rows/blocks.ts'

export interface NewBlockType {
  name: string
  slug: string
  logo_url: string | null
  documentation_url: string | null
  description: string | null
  code_example: string | null
}

async function createBlockType(tx: Tx, args: NewBlockType): Promise<Answer> {
  if (args.name.toLowerCase().startsWith('prefect')) {
    throw httpError(403, "Block type names beginning with 'Prefect' are reserved.")
  }
  const row = await tx.get<BlockTypeRow>(
    `insert into block_type
       (id, created, updated, name, slug, logo_url, documentation_url, description, code_example, is_protected)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) on conflict (slug) do nothing returning *`,
    [
      tx.newId(), tx.nowUs, tx.nowUs, args.name, args.slug, args.logo_url, args.documentation_url,
      escapeHtml(args.description), escapeHtml(args.code_example),
    ],
  )
  if (!row) throw httpError(409, `Block type with name "${args.name}" already exists`)
  await emitBlockTypeEvent(tx, 'created', row)
  return created(encodeBlockType(row, tx.nowUs))
}

/** The texts end up in pages of clients that show them as HTML. */
function escapeHtml(text: string | null): string | null {
  return text === null ? null : text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const changeable = ['logo_url', 'documentation_url', 'description', 'code_example'] as const

/** Writes only when something differs: clients send this each time they register a block. */
async function updateBlockType(
  tx: Tx,
  args: { id: string; changes: Readonly<Record<string, unknown>> },
): Promise<Answer> {
  const existing = await tx.get<BlockTypeRow>('select * from block_type where id = ?', [args.id])
  if (!existing) throw httpError(404, 'Block type not found')
  const changed = changeable.filter((column) => column in args.changes && args.changes[column] !== existing[column])
  if (changed.length === 0) return noContent()
  const row = await tx.get<BlockTypeRow>(
    `update block_type set ${changed.map((column) => `${column} = ?, `).join('')}updated = ? where id = ? returning *`,
    [...changed.map((column) => args.changes[column] as SqlParam), tx.nowUs, args.id],
  )
  await emitBlockTypeEvent(tx, 'updated', row!)
  return noContent()
}

async function deleteBlockType(tx: Tx, args: { id: string }): Promise<Answer> {
  const row = await tx.get<BlockTypeRow>('select * from block_type where id = ?', [args.id])
  if (!row) throw httpError(404, 'Block type not found')
  if (row.is_protected) throw httpError(403, 'protected block types cannot be deleted.')
  await emitBlockTypeEvent(tx, 'deleted', row)
  await tx.run('delete from block_type where id = ?', [args.id])
  await clearLostDefaultStorage(tx)
  return noContent()
}

export async function emitBlockTypeEvent(
  tx: Tx,
  what: 'created' | 'updated' | 'deleted',
  row: BlockTypeRow,
): Promise<void> {
  await tx.emit({
    event: `prefect.block-type.${what}`,
    resource: { 'prefect.resource.id': `prefect.block-type.${row.id}`, 'prefect.resource.name': row.name },
    payload: {
      name: row.name,
      slug: row.slug,
      logo_url: row.logo_url,
      documentation_url: row.documentation_url,
      description: row.description,
      code_example: row.code_example,
      is_protected: row.is_protected === 1,
    },
  })
}

export const blockTypeCommands = { createBlockType, updateBlockType, deleteBlockType }
