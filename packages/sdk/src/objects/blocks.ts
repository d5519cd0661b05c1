import { validateWith, type OutputOf, type StandardSchema } from '../engine/standard-schema.ts'
import { Secret } from '../engine/secret.ts'
import { ParameterValidationError, SpillwayError } from '../errors.ts'
import { remoteOf } from './remote-of.ts'

export interface LoadBlockOptions<S extends StandardSchema> {
  /** Checks the document, and gives it its type. Secrets stand in it as `Secret`. */
  readonly schema?: S
}

/**
 * The document of a block, such as `slack-webhook/ops`, as plain data; what its schema calls secret is wrapped in `Secret`.
 *
 * @throws {SpillwayError} `block-missing`
 */
export async function loadBlock<S extends StandardSchema>(reference: string, options: LoadBlockOptions<S> = {}): Promise<OutputOf<S>> {
  const { slug, name } = parse(reference)
  const found = await remoteOf('a block').client.findBlock(slug, name)
  if (!found) throw new SpillwayError('block-missing', `there is no block '${reference}'; the ones there are: prefect block ls`)
  const fields = (found.block_schema?.fields ?? {}) as { secret_fields?: string[] }
  const data = (fields.secret_fields ?? []).reduce<unknown>((document, path) => wrapSecret(document, path.split('.')), found.data)
  if (!options.schema) return data as OutputOf<S>
  const checked = await validateWith(options.schema, data)
  if (!checked.ok) throw new ParameterValidationError(`block ${reference}`, checked.issues)
  return checked.value as OutputOf<S>
}

/**
 * Keeps a document as a block. Its type must exist, as all that come with the server do, or is made: its fields are then
 * those of the document, and those that are `Secret` are kept secret.
 *
 * @returns the block's id
 */
export async function saveBlock(reference: string, data: Readonly<Record<string, unknown>>): Promise<string> {
  const { slug, name } = parse(reference)
  const { client } = remoteOf('a block')
  const plain = unwrapSecrets(data) as Record<string, unknown>
  const type = (await client.findBlockType(slug)) ?? (await client.createBlockType({ name: slug, slug, description: 'Made from TypeScript.' }))
  const [known] = await client.filterBlockSchemas({ block_schemas: { block_type_id: { any_: [type.id] } }, limit: 1 })
  const schema = known ?? (await client.createBlockSchema({ fields: fieldsOf(slug, data), block_type_id: type.id, capabilities: [] }))
  const existing = await client.findBlock(slug, name)
  if (existing) {
    await client.updateBlock(existing.id, { data: plain, block_schema_id: schema.id, merge_existing_data: false })
    return existing.id
  }
  return (await client.createBlock({ name, data: plain, block_schema_id: schema.id, block_type_id: type.id })).id
}

function parse(reference: string): { slug: string; name: string } {
  const [slug, name, ...rest] = reference.split('/')
  if (!slug || !name || rest.length > 0) throw new TypeError(`'${reference}' is no block: write type/name, such as slack-webhook/ops`)
  return { slug, name }
}

/** `*` in a path stands for every member. */
function wrapSecret(part: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return part instanceof Secret || part === null || part === undefined ? part : new Secret(part)
  if (typeof part !== 'object' || part === null) return part
  const wrapped = Object.entries(part).map(([name, member]) => [name, key === '*' || key === name ? wrapSecret(member, rest) : (member as unknown)] as const)
  return Array.isArray(part) ? wrapped.map(([, member]) => member) : Object.fromEntries(wrapped)
}

function unwrapSecrets(part: unknown): unknown {
  if (part instanceof Secret) return part.get()
  if (Array.isArray(part)) return part.map(unwrapSecrets)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, unwrapSecrets(member)]))
}

function fieldsOf(title: string, data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = Object.entries(data).map(([name, value]) => [name, { title: name, ...(value instanceof Secret ? { type: 'string', format: 'password', writeOnly: true } : {}) }])
  return { title, type: 'object', properties: Object.fromEntries(properties) as object, secret_fields: secretPaths(data), block_type_slug: title, block_schema_references: {} }
}

/** Where secrets stand, names of members joined by dots. */
function secretPaths(part: object, above = ''): string[] {
  return Object.entries(part).flatMap(([name, value]: [string, unknown]) => {
    if (value instanceof Secret) return [`${above}${name}`]
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? secretPaths(value, `${above}${name}.`) : []
  })
}
