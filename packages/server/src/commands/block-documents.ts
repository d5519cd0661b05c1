import { randomUUID } from 'node:crypto'
import { obfuscateSecrets, restoreSecrets } from '@spillway/core/domain/block-secrets'
import { httpError } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import {
  decryptData, encodeBlockDocuments, encryptData, secretFieldsOf, type BlockData,
} from '../storage/block-documents.ts'
import { clearLostDefaultStorage } from '../storage/default-storage.ts'
import type { Answer, Tx } from '../storage/port.ts'
import type { BlockDocumentRow, BlockSchemaRow, BlockTypeRow } from '../storage/rows/blocks.ts'

export interface NewBlockDocument {
  name: string | null
  data: BlockData
  block_schema_id: string
  block_type_id: string
  is_anonymous: boolean
}

async function createBlockDocument(tx: Tx, args: NewBlockDocument): Promise<Answer> {
  const name = args.name || `anonymous-${randomUUID()}`
  const type = await tx.get<BlockTypeRow>('select * from block_type where id = ?', [args.block_type_id])
  const { data, references } = splitReferences(args.data)
  const id = tx.newId()
  const existing = await tx.get('select 1 from block_document where block_type_id = ? and name = ?', [
    args.block_type_id,
    name,
  ])
  if (existing) throw httpError(409, 'Block already exists')
  const row = await tx.get<BlockDocumentRow>(
    `insert into block_document
       (id, created, updated, name, data, is_anonymous, block_schema_id, block_type_id, block_type_name)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    [
      id, tx.nowUs, tx.nowUs, name, encryptData(tx, id, data), args.is_anonymous ? 1 : 0,
      args.block_schema_id, args.block_type_id, type?.name ?? null,
    ],
  )
  for (const reference of references) await addReference(tx, id, reference)
  await emitDocumentEvent(tx, 'created', row!)
  return created((await encodeBlockDocuments(tx, [row!], false))[0]!)
}

interface DocumentReference {
  name: string
  id: string
}

/** Blocks that stand as `{"$ref": {"block_document_id": …}}` at the top of the data are kept as references. */
function splitReferences(given: BlockData): { data: BlockData; references: DocumentReference[] } {
  const data: BlockData = {}
  const references: DocumentReference[] = []
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) {
      data[name] = value
      continue
    }
    const id = (value.$ref as { block_document_id?: unknown } | null)?.block_document_id
    if (typeof id !== 'string') {
      throw httpError(400, `Received block reference without a block_document_id in key ${name}`)
    }
    references.push({ name, id: id.toLowerCase() })
  }
  return { data, references }
}

async function addReference(tx: Tx, parentId: string, reference: DocumentReference): Promise<void> {
  if (await reaches(tx, reference.id, parentId)) {
    throw httpError(
      400,
      'Cannot create block document reference: it would introduce a cycle into the block_document_reference graph ' +
        `(parent=${parentId}, reference=${reference.id}).`,
    )
  }
  await tx.run(
    `insert into block_document_reference (id, name, parent_block_document_id, reference_block_document_id)
     values (?, ?, ?, ?)`,
    [tx.newId(), reference.name, parentId, reference.id],
  )
}

/** Whether a document refers to another, directly or not. */
async function reaches(tx: Tx, fromId: string, toId: string): Promise<boolean> {
  const row = await tx.get(
    `with recursive reached (id) as (
       select ? union
       select r.reference_block_document_id from block_document_reference r
       join reached on r.parent_block_document_id = reached.id
     ) select 1 from reached where id = ?`,
    [fromId, toId],
  )
  return row !== undefined
}

async function updateBlockDocument(
  tx: Tx,
  args: { id: string; changes: { block_schema_id?: string | null; data?: BlockData; merge_existing_data?: boolean } },
): Promise<Answer> {
  const row = await tx.get<BlockDocumentRow>('select * from block_document where id = ?', [args.id])
  if (!row) throw httpError(404, 'Block document not found')
  const { changes } = args
  const merges = changes.merge_existing_data ?? true
  const given = changes.data ?? (merges ? undefined : {})
  if (given) {
    const schema = await readSchema(tx, row.block_schema_id)
    const stored = decryptData(tx, row)
    const update = restoreSecrets(given, stored, secretFieldsOf(schema!))
    const { data, references } = splitReferences(merges ? { ...stored, ...update } : update)
    await migrate(tx, row, changes.block_schema_id ?? row.block_schema_id)
    await tx.run('update block_document set data = ?, updated = ? where id = ?', [
      encryptData(tx, row.id, data),
      tx.nowUs,
      row.id,
    ])
    await replaceReferences(tx, row.id, references)
  }
  const updated = await tx.get<BlockDocumentRow>('select * from block_document where id = ?', [row.id])
  await emitDocumentEvent(tx, 'updated', updated!)
  return noContent()
}

/** Puts a document under another schema of its type: clients do so when the block's code has changed. */
async function migrate(tx: Tx, row: BlockDocumentRow, schemaId: string): Promise<void> {
  if (schemaId === row.block_schema_id) return
  const schema = await readSchema(tx, schemaId)
  if (!schema) throw httpError(404, `Block schema ${schemaId} not found`)
  if (schema.block_type_id !== row.block_type_id) {
    throw httpError(400, 'Must migrate block document to a block schema of the same block type.')
  }
  await tx.run('update block_document set block_schema_id = ? where id = ?', [schemaId, row.id])
}

async function readSchema(tx: Tx, id: string): Promise<BlockSchemaRow | undefined> {
  return tx.get<BlockSchemaRow>('select * from block_schema where id = ?', [id])
}

async function replaceReferences(tx: Tx, parentId: string, references: readonly DocumentReference[]): Promise<void> {
  const present = await tx.all<{ id: string; name: string; child: string }>(
    `select id, name, reference_block_document_id as child from block_document_reference
     where parent_block_document_id = ?`,
    [parentId],
  )
  const same = (a: DocumentReference, b: { name: string; child: string }): boolean =>
    a.name === b.name && a.id === b.child
  for (const row of present) {
    if (references.some((reference) => same(reference, row))) continue
    await tx.run('delete from block_document_reference where id = ?', [row.id])
  }
  for (const reference of references) {
    if (!present.some((row) => same(reference, row))) await addReference(tx, parentId, reference)
  }
}

async function deleteBlockDocument(tx: Tx, args: { id: string }): Promise<Answer> {
  const row = await tx.get<BlockDocumentRow>('select * from block_document where id = ?', [args.id])
  if (!row) throw httpError(404, 'Block document not found')
  await emitDocumentEvent(tx, 'deleted', row)
  await tx.run('delete from block_document where id = ?', [args.id])
  await clearLostDefaultStorage(tx)
  return noContent()
}

/** Tells only texts that are no secrets; anonymous documents are nobody's news. */
async function emitDocumentEvent(
  tx: Tx,
  what: 'created' | 'updated' | 'deleted',
  row: BlockDocumentRow,
): Promise<void> {
  if (row.is_anonymous) return
  const schema = (await readSchema(tx, row.block_schema_id))!
  const secretFields = secretFieldsOf(schema)
  const data = obfuscateSecrets(decryptData(tx, row), secretFields)
  const type = {
    'prefect.resource.id': `prefect.block-type.${row.block_type_id}`,
    'prefect.resource.role': 'block-type',
  }
  await tx.emit({
    event: `prefect.block-document.${what}`,
    resource: { 'prefect.resource.id': `prefect.block-document.${row.id}`, 'prefect.resource.name': row.name },
    related: [
      row.block_type_name ? { ...type, 'prefect.resource.name': row.block_type_name } : type,
      { 'prefect.resource.id': `prefect.block-schema.${row.block_schema_id}`, 'prefect.resource.role': 'block-schema' },
    ],
    payload: {
      name: row.name,
      data: Object.fromEntries(
        Object.entries(data).filter(([key, value]) => typeof value === 'string' && !secretFields.includes(key)),
      ),
      block_schema: {
        capabilities: JSON.parse(schema.capabilities) as string[],
        block_type: { id: row.block_type_id, name: row.block_type_name ?? '' },
      },
    },
  })
}

export const blockDocumentCommands = { createBlockDocument, updateBlockDocument, deleteBlockDocument }
