import { httpError } from '../errors.ts'
import { createdOrExisting, noContent } from '../storage/answers.ts'
import {
  encodeBlockSchema, encodeBlockSchemas, fieldsChecksum, parseFields, sayingSomething, stringifyFields,
  type BlockFields, type BlockSchemaReference,
} from '../storage/block-schemas.ts'
import { clearLostDefaultStorage } from '../storage/default-storage.ts'
import type { Answer, Tx } from '../storage/port.ts'
import type { BlockSchemaRow, BlockTypeRow } from '../storage/rows/blocks.ts'

export interface NewBlockSchema {
  /** JSON text, so that numbers keep the form that the checksum is taken of. */
  fields: string
  block_type_id: string
  capabilities: string[]
  version: string
}

/** Adds a schema, or gives back the one of the same checksum and version. */
async function createBlockSchema(tx: Tx, args: NewBlockSchema): Promise<Answer> {
  const type = await tx.get<BlockTypeRow>('select * from block_type where id = ?', [args.block_type_id])
  if (!type) throw httpError(404, `Block type ${args.block_type_id} not found.`)
  const fields = parseFields(args.fields)
  const added = await addBlockSchema(tx, { ...args, fields }, undefined)
  if (added.isNew) {
    const { block_schema_references: references = {}, ...rest } = fields
    const shown = { ...rest, block_schema_references: references }
    return createdOrExisting(true, encodeBlockSchema(added.row, shown, type, tx.nowUs))
  }
  return createdOrExisting(false, (await encodeBlockSchemas(tx, [added.row])).get(added.row.id)!)
}

/**
 * Adds a schema and those of the blocks inside it that are not there yet.
 *
 * @param definitions Of the outermost schema: inner ones refer to it too.
 */
export async function addBlockSchema(
  tx: Tx,
  schema: Omit<NewBlockSchema, 'fields'> & { fields: BlockFields },
  definitions: BlockFields | undefined,
): Promise<{ row: BlockSchemaRow; isNew: boolean }> {
  const all = definitions ?? nonEmpty(schema.fields['definitions'])
  const checksum = fieldsChecksum(all ? { ...schema.fields, definitions: all } : schema.fields)
  const existing = await tx.get<BlockSchemaRow>('select * from block_schema where checksum = ? and version = ?', [
    checksum,
    schema.version,
  ])
  if (existing) return { row: existing, isNew: false }
  const { block_schema_references: references, definitions: _definitions, ...own } = schema.fields
  const stored = all ? withDefinitions(own, plainDefinitions(own, sayingSomething(all))) : own
  const row = await tx.get<BlockSchemaRow>(
    `insert into block_schema (id, created, updated, checksum, fields, block_type_id, capabilities, version)
     values (?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    [
      tx.newId(), tx.nowUs, tx.nowUs, checksum, stringifyFields(stored), schema.block_type_id,
      JSON.stringify(schema.capabilities), schema.version,
    ],
  )
  for (const [name, given] of Object.entries((references ?? {}) as Record<string, unknown>)) {
    for (const reference of [given].flat() as BlockSchemaReference[]) {
      const child = await childSchema(tx, own, all, name, reference)
      await tx.run(
        `insert into block_schema_reference (id, name, parent_block_schema_id, reference_block_schema_id)
         values (?, ?, ?, ?)`,
        [tx.newId(), name, row!.id, child],
      )
    }
  }
  return { row: row!, isNew: true }
}

/** The schema of a block inside another, found by its checksum or made out of the outer one's definitions. */
async function childSchema(
  tx: Tx,
  parentFields: BlockFields,
  definitions: BlockFields | undefined,
  name: string,
  reference: BlockSchemaReference,
): Promise<string> {
  const slug = reference.block_type_slug
  const type = await tx.get<BlockTypeRow>('select * from block_type where slug = ?', [slug])
  if (!type) {
    throw httpError(
      409,
      `Cannot create block schema because block type '${slug}' was not found.` +
        'Did you forget to register the block type?',
    )
  }
  const existing = await tx.get<BlockSchemaRow>(
    'select * from block_schema where checksum = ? order by created desc limit 1',
    [reference.block_schema_checksum],
  )
  if (existing) return existing.id
  const fields = definitions && childFields(parentFields, definitions, name, slug)
  if (!fields) throw httpError(422, `The fields have no definition of the block '${slug}' at '${name}'.`)
  const schema = { fields, block_type_id: type.id, capabilities: [], version: 'non-versioned' }
  return (await addBlockSchema(tx, schema, definitions)).row.id
}

/** What the definitions say about the block at a property; of a union, the member of that block type. */
function childFields(
  parentFields: BlockFields,
  definitions: BlockFields,
  name: string,
  slug: string,
): BlockFields | undefined {
  const property = (parentFields['properties'] as BlockFields | undefined)?.[name]
  const candidates = definitionNames(property).map((key) => definitions[key] as BlockFields | undefined)
  if (candidates.length === 1) return candidates[0]
  return candidates.find((candidate) => candidate?.['block_type_slug'] === slug)
}

function definitionNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(definitionNames)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member.replace('#/definitions/', '')] : definitionNames(member),
  )
}

/** The definitions that the fields use and that are no blocks; those of blocks are rebuilt when the schema is read. */
function plainDefinitions(fields: BlockFields, definitions: BlockFields): BlockFields {
  const kept: BlockFields = {}
  const queue: unknown[] = [fields]
  while (queue.length > 0) {
    for (const name of definitionNames(queue.pop())) {
      const definition = definitions[name] as BlockFields | undefined
      if (!definition || Object.hasOwn(kept, name) || (definition['block_type_slug'] ?? null) !== null) continue
      kept[name] = definition
      queue.push(definition)
    }
  }
  return kept
}

function withDefinitions(fields: BlockFields, definitions: BlockFields): BlockFields {
  return Object.keys(definitions).length > 0 ? { ...fields, definitions } : fields
}

function nonEmpty(definitions: unknown): BlockFields | undefined {
  const isFilled = typeof definitions === 'object' && definitions !== null && Object.keys(definitions).length > 0
  return isFilled ? (definitions as BlockFields) : undefined
}

async function deleteBlockSchema(tx: Tx, args: { id: string }): Promise<Answer> {
  const row = await tx.get<{ is_protected: number }>(
    'select t.is_protected from block_schema s join block_type t on t.id = s.block_type_id where s.id = ?',
    [args.id],
  )
  if (!row) throw httpError(404, 'Block schema not found')
  if (row.is_protected) throw httpError(403, 'Block schemas for protected block types cannot be deleted.')
  await tx.run('delete from block_schema where id = ?', [args.id])
  await clearLostDefaultStorage(tx)
  return noContent()
}

export const blockSchemaCommands = { createBlockSchema, deleteBlockSchema }
