import assert from 'node:assert/strict'
import test from 'node:test'
import { blockCatalogue } from '../block-catalogue.ts'
import type { Answer } from '../storage/port.ts'
import { decryptText, encryptText } from '../storage/encryption.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'

const body = (answer: Answer): any => JSON.parse(answer.json)

async function withStore(run: (store: TestStore) => Promise<void>): Promise<void> {
  const store = openTestStore()
  try {
    await run(store)
  } finally {
    store.close()
  }
}

async function addType(store: TestStore, slug: string): Promise<string> {
  const texts = { logo_url: null, documentation_url: null, description: null, code_example: null }
  return body(await store.write('createBlockType', { name: slug, slug, ...texts })).id
}

async function addSchema(store: TestStore, typeId: string, fields: object, capabilities: string[] = []): Promise<any> {
  const args = { fields: JSON.stringify(fields), block_type_id: typeId, capabilities, version: '1' }
  return body(await store.write('createBlockSchema', args))
}

async function addDocument(
  store: TestStore,
  typeId: string,
  schemaId: string,
  name: string,
  data: Record<string, unknown>,
): Promise<any> {
  const args = { name, data, block_schema_id: schemaId, block_type_id: typeId, is_anonymous: false }
  return body(await store.write('createBlockDocument', args))
}

const valveFields = {
  title: 'Valve', type: 'object', block_type_slug: 'valve', secret_fields: ['key'], block_schema_references: {},
  properties: { key: { type: 'string' }, width: { type: 'number', default: 1 } },
}

test('the checksum does not depend on the order of keys, and numbers keep how they were written', () =>
  withStore(async (store) => {
    const typeId = await addType(store, 'valve')
    const { checksum } = await addSchema(store, typeId, valveFields)
    const reversed = Object.fromEntries(Object.entries(valveFields).reverse())
    assert.equal((await addSchema(store, typeId, reversed)).checksum, checksum)
    const fields = JSON.stringify(valveFields).replace('"default":1', '"default":1.0')
    const args = { fields, block_type_id: typeId, capabilities: [], version: '1' }
    const other = await store.write('createBlockSchema', args)
    assert.notEqual(body(other).checksum, checksum)
    assert.match(other.json, /"default":1\.0/)
    assert.equal((await store.write('createBlockSchema', args)).status, 200)
  }))

test('a definition that says nothing does not count in the checksum', () =>
  withStore(async (store) => {
    const typeId = await addType(store, 'valve')
    const { checksum } = await addSchema(store, typeId, valveFields)
    const withEmpty = { ...valveFields, properties: { ...valveFields.properties, any: { $ref: '#/definitions/Any' } } }
    const bare = await addSchema(store, typeId, withEmpty)
    const defined = await addSchema(store, typeId, { ...withEmpty, definitions: { Any: {} } })
    assert.equal(defined.checksum, bare.checksum)
    assert.notEqual(defined.checksum, checksum)
  }))

test('a schema brings the schemas of the blocks inside it, and shows them again when it is read', () =>
  withStore(async (store) => {
    const valveType = await addType(store, 'valve')
    const stationType = await addType(store, 'station')
    const station = {
      title: 'Station', type: 'object', block_type_slug: 'station', secret_fields: [],
      properties: { inlet: { allOf: [{ $ref: '#/definitions/Valve' }] } },
      block_schema_references: { inlet: { block_schema_checksum: 'sha256:not-known-yet', block_type_slug: 'valve' } },
      definitions: { Valve: valveFields, Plain: { type: 'object' } },
    }
    const { id } = await addSchema(store, stationType, station)
    const read = body(await store.read('readBlockSchema', { id }))
    assert.equal(read.fields.definitions.Valve.title, 'Valve')
    assert.equal(read.fields.definitions.Plain, undefined)
    const { block_schema_checksum: checksum } = read.fields.block_schema_references.inlet
    const valve = body(await store.read('readBlockSchema', { checksum, version: null }))
    assert.equal(valve.block_type_id, valveType)
  }))

test('secrets are shown only to those who ask, and come back unharmed from those who did not', () =>
  withStore(async (store) => {
    const typeId = await addType(store, 'valve')
    const schema = await addSchema(store, typeId, valveFields)
    const { id, data } = await addDocument(store, typeId, schema.id, 'main', { key: 'open sesame', width: 2 })
    assert.deepEqual(data, { key: '********', width: 2 })
    const read = async (includeSecrets: boolean): Promise<any> =>
      body(await store.read('readBlockDocument', { id, includeSecrets })).data
    await store.write('updateBlockDocument', { id, changes: { data: { key: '********', width: 3 } } })
    assert.deepEqual(await read(true), { key: 'open sesame', width: 3 })
    assert.deepEqual(await read(false), { key: '********', width: 3 })
    const [row] = store.all<{ data: string }>('select data from block_document')
    assert.doesNotMatch(row!.data, /sesame/)
    const events = store.all<{ body: string }>(`select body from event where event like 'prefect.block-document.%'`)
    assert.equal(events.length, 2)
    assert.ok(events.every((event) => !event.body.includes('sesame')))
  }))

test('a document shows the blocks that it refers to, and cannot refer to itself in a circle', () =>
  withStore(async (store) => {
    const typeId = await addType(store, 'valve')
    const schema = await addSchema(store, typeId, valveFields)
    const inner = await addDocument(store, typeId, schema.id, 'inner', { key: 'deep' })
    const refer = (id: string): object => ({ $ref: { block_document_id: id } })
    const outer = await addDocument(store, typeId, schema.id, 'outer', { inlet: refer(inner.id) })
    const read = body(await store.read('readBlockDocument', { slug: 'valve', name: 'outer', includeSecrets: true }))
    assert.deepEqual(read.data, { inlet: { key: 'deep' } })
    assert.equal(read.block_document_references.inlet.block_document.id, inner.id)
    const circle = { id: inner.id, changes: { data: { outlet: refer(outer.id) } } }
    await assert.rejects(store.write('updateBlockDocument', circle), { status: 400 })
    await store.write('updateBlockDocument', { id: outer.id, changes: { data: {} } })
    assert.deepEqual(body(await store.read('readBlockDocument', { id: outer.id, includeSecrets: true })).data, {})
  }))

test('the default result storage goes with its block', () =>
  withStore(async (store) => {
    const typeId = await addType(store, 'tank')
    const schema = await addSchema(store, typeId, { ...valveFields, title: 'Tank' }, ['write-path'])
    const { id } = await addDocument(store, typeId, schema.id, 'tank', {})
    await store.write('setDefaultResultStorage', { blockDocumentId: id })
    assert.equal(body(await store.read('readDefaultResultStorage', undefined)).default_result_storage_block_id, id)
    await store.write('deleteBlockType', { id: typeId })
    assert.equal(body(await store.read('readDefaultResultStorage', undefined)).default_result_storage_block_id, null)
  }))

test('block types of the start are there once, and stock clients find their schemas', () =>
  withStore(async (store) => {
    await store.write('seedBlockTypes', undefined)
    await store.write('seedBlockTypes', undefined)
    const all = { block_types: null, block_schemas: null, page: { limit: 200, offset: 0 } }
    const types = body(await store.read('listBlockTypes', all))
    assert.equal(types.length, blockCatalogue.length)
    const checksum = 'sha256:c078ed9c1e813e224c0b353d7ad4564a11d51d3198d9ac0686478165a1911c78'
    const schema = body(await store.read('readBlockSchema', { checksum, version: '3.8.8' }))
    assert.equal(schema.block_type.slug, 'secret')
    await assert.rejects(store.write('deleteBlockType', { id: schema.block_type_id }), { status: 403 })
  }))

test('an encrypted text is worth nothing with another key or in another row', () => {
  const key = 'ab'.repeat(32)
  const stored = encryptText('água', key, 'row 1')
  assert.equal(decryptText(stored, key, 'row 1'), 'água')
  assert.throws(() => decryptText(stored, key, 'row 2'))
  assert.throws(() => decryptText(stored, 'cd'.repeat(32), 'row 1'))
  assert.notEqual(encryptText('água', key, 'row 1'), stored)
})
