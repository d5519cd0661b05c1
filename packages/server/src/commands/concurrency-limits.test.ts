import assert from 'node:assert/strict'
import test from 'node:test'
import type { Answer } from '../storage/port.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'

const limit = { active: true, active_slots: 0, denied_slots: 0, slot_decay_per_second: 0 }
const body = (answer: Answer): any => (answer.json === '' ? undefined : JSON.parse(answer.json))

async function withStore(run: (store: TestStore) => Promise<void>): Promise<void> {
  const store = openTestStore()
  try {
    await run(store)
  } finally {
    store.close()
  }
}

test('slots of several limits are taken together or not at all, and a refusal says when to come back', () =>
  withStore(async (store) => {
    await store.write('createConcurrencyLimitV2', { ...limit, name: 'wide', limit: 5 })
    await store.write('createConcurrencyLimitV2', { ...limit, name: 'narrow', limit: 1 })
    const request = { names: ['wide', 'narrow', 'nobody'], slots: 1, mode: 'concurrency' as const }
    const first = await store.write('incrementConcurrencyLimits', request)
    assert.equal(first.status, 200)
    assert.deepEqual(body(first).map((one: any) => one.name), ['narrow', 'wide'])

    const second = await store.write('incrementConcurrencyLimits', request)
    assert.equal(second.status, 423)
    assert.equal(second.json, '{"detail":"Locked"}')
    const waitSeconds = Number(second.headers?.['retry-after'])
    assert.ok(waitSeconds > 0 && waitSeconds <= 30 * 1.3, `waits ${waitSeconds}`)
    const rows = store.all('select name, active_slots, denied_slots from concurrency_limit order by name')
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { name: 'narrow', active_slots: 1, denied_slots: 1 },
        { name: 'wide', active_slots: 1, denied_slots: 1 },
      ],
    )
  }))

test('a lease gives its slots back when it is released, and a second release changes nothing', () =>
  withStore(async (store) => {
    await store.write('createConcurrencyLimitV2', { ...limit, name: 'db', limit: 2 })
    const args = { names: ['db'], slots: 2, mode: 'concurrency' as const, lease_duration: 60, holder: null }
    const { lease_id: leaseId } = body(await store.write('incrementConcurrencyLimitsWithLease', args))
    assert.equal((await store.write('renewConcurrencyLease', { leaseId, lease_duration: 120 })).status, 204)
    assert.equal((await store.write('incrementConcurrencyLimitsWithLease', args)).status, 423)
    await store.write('decrementConcurrencyLimitsWithLease', { lease_id: leaseId })
    await store.write('decrementConcurrencyLimitsWithLease', { lease_id: leaseId })
    assert.equal(body(await store.read('readConcurrencyLimitV2', { idOrName: 'db' })).active_slots, 0)
    await assert.rejects(store.write('renewConcurrencyLease', { leaseId, lease_duration: 120 }), { status: 410 })
  }))

test('a lease is given although no limit has that name', () =>
  withStore(async (store) => {
    const args = { names: ['tag:free'], slots: 1, mode: 'concurrency' as const, lease_duration: 60, holder: null }
    const answer = body(await store.write('incrementConcurrencyLimitsWithLease', args))
    assert.deepEqual(answer.limits, [])
    const renewed = await store.write('renewConcurrencyLease', { leaseId: answer.lease_id, lease_duration: 60 })
    assert.equal(renewed.status, 204)
  }))

test('slots of a rate limit come back by themselves, also when callers keep asking', () =>
  withStore(async (store) => {
    await store.write('createConcurrencyLimitV2', { ...limit, name: 'api', limit: 1, slot_decay_per_second: 0.1 })
    const request = { names: ['api'], slots: 1, mode: 'rate_limit' as const }
    assert.equal((await store.write('incrementConcurrencyLimits', request)).status, 200)
    const age = (seconds: number): unknown =>
      store.all('update concurrency_limit set updated = updated - ? returning id', [seconds * 1_000_000])
    for (let call = 0; call < 3; call++) {
      assert.equal((await store.write('incrementConcurrencyLimits', request)).status, 423)
      age(4)
    }
    assert.equal((await store.write('incrementConcurrencyLimits', request)).status, 200)
  }))

test('what can never be granted is refused for good', () =>
  withStore(async (store) => {
    await store.write('createConcurrencyLimitV2', { ...limit, name: 'one', limit: 1 })
    await assert.rejects(store.write('incrementConcurrencyLimits', { names: ['one'], slots: 2, mode: 'concurrency' }), {
      body: { detail: 'Slots requested is greater than the limit' },
    })
    await assert.rejects(store.write('incrementConcurrencyLimits', { names: ['one'], slots: 1, mode: 'rate_limit' }), {
      status: 422,
    })
  }))

test('a tag limit shows the task runs that hold it, and a reset frees it', () =>
  withStore(async (store) => {
    const task = '0190a0a0-0000-7000-8000-000000000001'
    const other = '0190a0a0-0000-7000-8000-000000000002'
    assert.equal((await store.write('createTagLimit', { tag: 'db', concurrency_limit: 1 })).status, 201)
    assert.equal((await store.write('createTagLimit', { tag: 'db', concurrency_limit: 1 })).status, 200)
    await store.write('incrementTagLimits', { names: ['db', 'none'], task_run_id: task })
    assert.deepEqual(body(await store.read('readTagLimit', { tag: 'db' })).active_slots, [task])
    await assert.rejects(store.write('incrementTagLimits', { names: ['db'], task_run_id: other }), {
      status: 423,
      body: { detail: 'Concurrency limit for the db tag has been reached' },
    })
    await store.write('resetTagLimit', { tag: 'db', slot_override: null })
    await store.write('incrementTagLimits', { names: ['db'], task_run_id: other })
    await store.write('decrementTagLimits', { names: ['db'], task_run_id: other })
    assert.deepEqual(body(await store.read('readTagLimit', { tag: 'db' })).active_slots, [])
    assert.equal(body(await store.read('readConcurrencyLimitV2', { idOrName: 'tag:db' })).active_slots, 0)
  }))
