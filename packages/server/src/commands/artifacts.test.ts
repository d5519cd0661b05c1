import assert from 'node:assert/strict'
import test from 'node:test'
import type { Answer } from '../storage/port.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'

const body = (answer: Answer): any => JSON.parse(answer.json)
const runs = { flow_run_id: null, task_run_id: null }
const plain = { key: null, type: null, description: null, data: null, metadata_: null, ...runs }

async function withStore(run: (store: TestStore) => Promise<void>): Promise<void> {
  const store = openTestStore()
  try {
    await run(store)
  } finally {
    store.close()
  }
}

const latest = async (store: TestStore, key: string): Promise<any> =>
  body(await store.read('readLatestArtifact', { key }))

test('the newest artifact of a key is the latest, and the one before it when it goes', () =>
  withStore(async (store) => {
    const first = body(await store.write('createArtifact', { ...plain, key: 'levels', data: 1 }))
    const second = body(await store.write('createArtifact', { ...plain, key: 'levels', data: { a: [2] } }))
    assert.deepEqual((await latest(store, 'levels')).data, { a: [2] })
    await store.write('updateArtifact', { id: second.id, changes: { data: 3 } })
    assert.equal((await latest(store, 'levels')).data, 3)
    await store.write('updateArtifact', { id: first.id, changes: { description: 'old' } })
    assert.equal((await latest(store, 'levels')).description, null)
    await store.write('deleteArtifact', { id: second.id })
    assert.equal((await latest(store, 'levels')).data, 1)
    await store.write('deleteArtifact', { id: first.id })
    await assert.rejects(store.read('readLatestArtifact', { key: 'levels' }), { status: 404 })
    const events = store.all<{ event: string }>('select event from event order by seq')
    assert.deepEqual(events.map((row) => row.event.split('.').at(-1)), ['created', 'updated', 'updated', 'deleted'])
  }))

test('artifacts without a key belong to no collection', () =>
  withStore(async (store) => {
    const { id } = body(await store.write('createArtifact', { ...plain, type: 'result' }))
    await store.write('deleteArtifact', { id })
    assert.deepEqual(store.all('select event from event'), [])
  }))

test('a variable keeps any JSON value, and its name is its own', () =>
  withStore(async (store) => {
    await store.write('createVariable', { name: 'level', value: { a: [1, null] }, tags: [] })
    await assert.rejects(store.write('createVariable', { name: 'level', value: 1, tags: [] }), {
      body: { detail: "A variable with the name 'level' already exists." },
    })
    await store.write('updateVariable', { key: { name: 'level' }, changes: { value: null } })
    assert.equal(body(await store.read('readVariable', { key: { name: 'level' } })).value, null)
    await store.write('deleteVariable', { key: { name: 'level' } })
    await assert.rejects(store.write('deleteVariable', { key: { name: 'level' } }), { status: 404 })
  }))
