import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import type { StateType } from '@spillway/core/domain/state'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import fc from 'fast-check'
import { addFlow, addRun, addTaskRun, propose, withStore } from '../commands/runs.fixture.ts'
import type { EntityFilters } from '../storage/filters/entities.ts'
import { Database } from '../storage/sqlite/database.ts'
import { listMigrations, openWriter } from '../storage/sqlite/open.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'

const dayUs = 86_400_000_000
const baseUs = parseIso('2026-03-01T10:20:30.5Z')!

/** The same sequence in every run of the test. */
function randomSequence(): () => number {
  let state = 12345
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const finals: readonly [StateType, string | null][] = [
  ['COMPLETED', null], ['COMPLETED', 'Cached'], ['FAILED', null], ['CRASHED', null], ['CANCELLED', null],
]

/** Runs that were expected over two days, most of them finished, some changed afterwards, some deleted. */
async function fill(store: TestStore, runs: number): Promise<void> {
  const random = randomSequence()
  const flowId = await addFlow(store, 'canal')
  const parent = await addRun(store, flowId, { state: { type: 'RUNNING' } })
  for (let n = 0; n < runs; n++) {
    const expected = formatIso(Math.floor(baseUs + random() * 2 * dayUs))
    const stand = random() < 0.2 ? await addTaskRun(store, { flowRunId: parent.id, dynamicKey: String(n) }) : null
    const run = await addRun(store, flowId, {
      state: { type: 'SCHEDULED', details: { scheduled_time: expected } },
      ...(stand ? { parentTaskRunId: stand.id } : {}),
    })
    if (random() < 0.9) await propose(store, run.id, { type: 'RUNNING' }, true)
    if (random() < 0.85) {
      const [type, name] = finals[Math.floor(random() * finals.length)]!
      await propose(store, run.id, { type, name }, true)
    }
    if (random() < 0.1) await propose(store, run.id, { type: 'FAILED', name: 'Broken' }, true)
    if (random() < 0.05) await propose(store, run.id, { type: 'RUNNING' }, true)
    if (random() < 0.05) await store.write('deleteFlowRun', { id: run.id })
  }
}

/** The condition that holds for every run, in a form that the tally cannot answer. */
function untallied(filters: EntityFilters): EntityFilters {
  return { ...filters, flow_runs: { ...filters.flow_runs, name: { like_: '-' } } }
}

const ended = new Set(['Completed', 'Cached', 'Failed', 'Cancelled', 'Crashed', 'Broken'])

/** A history without the seconds of runs that are not finished: those grow between two reads. */
function withoutGrowth(json: string) {
  type Bucket = { states: { state_name: string; sum_estimated_run_time: number; sum_estimated_lateness: number }[] }
  return (JSON.parse(json) as Bucket[]).map((bucket) => ({
    ...bucket,
    states: bucket.states.map((state) =>
      ended.has(state.state_name) ? state : { ...state, sum_estimated_run_time: 'grows', sum_estimated_lateness: 'grows' },
    ),
  }))
}

/** Filters that the tally answers; times are offsets from the first run's. */
const someFilter = fc
  .record({
    types: fc.option(fc.subarray<StateType>(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED', 'RUNNING', 'SCHEDULED'])),
    names: fc.option(fc.subarray(['Completed', 'Cached', 'Broken', 'Scheduled', 'Nowhere'])),
    subflow: fc.option(fc.boolean()),
  })
  .map(({ types, names, subflow }): NonNullable<EntityFilters['flow_runs']> => ({
    ...(types || names ? { state: { ...(types && { type: { any_: types } }), ...(names && { name: { any_: names } }) } } : {}),
    ...(subflow === null ? {} : { parent_task_run_id: { is_null_: !subflow } }),
  }))

/** A moment around the runs: anywhere, or on a whole minute, hour or day, where edges of slots are. */
const someTimeUs = fc
  .record({ atUs: fc.integer({ min: baseUs - dayUs, max: baseUs + 3 * dayUs }), whole: fc.constantFrom(1, 60e6, 600e6, 3600e6, dayUs) })
  .map(({ atUs, whole }) => atUs - (atUs % whole))

const someIntervalUs = fc.oneof(
  fc.constantFrom(120e6, 600e6, 3600e6, 6 * 3600e6, dayUs),
  fc.integer({ min: 120e6, max: 2 * dayUs }),
)

test('counts and histories out of the tally are those of the runs themselves', () => withStore(openTestStore(), async (store) => {
  await fill(store, 300)
  const assertSameCounts = async (flow_runs: EntityFilters['flow_runs']): Promise<void> => {
    const tallied = await store.read('countFlowRuns', { filters: { flow_runs } })
    const plain = await store.read('countFlowRuns', { filters: untallied({ flow_runs }) })
    assert.equal(tallied.json, plain.json)
  }
  const everyRun: EntityFilters[] = [{}, { flows: { operator: 'and_', id: null } }]
  for (const filters of everyRun) {
    const counted = await store.read('countFlowRuns', { filters })
    assert.deepEqual([JSON.parse(counted.json)], store.all<{ n: number }>('select count(*) as n from flow_run').map(({ n }) => n))
  }
  await fc.assert(fc.asyncProperty(someFilter, fc.option(someTimeUs), fc.option(someTimeUs), async (filter, fromUs, toUs) => {
    const expected = { after_: fromUs === null ? null : formatIso(fromUs), before_: toUs === null ? null : formatIso(toUs) }
    await assertSameCounts({ ...filter, expected_start_time: expected })
  }), { numRuns: 300 })
  await fc.assert(fc.asyncProperty(someFilter, someTimeUs, someIntervalUs, fc.integer({ min: 1, max: 80 }), async (flow_runs, startUs, intervalUs, buckets) => {
    const args = { runs: 'flow_run', startUs, endUs: startUs + intervalUs * buckets, intervalUs } as const
    const tallied = await store.read('readRunHistory', { ...args, filters: { flow_runs } })
    const plain = await store.read('readRunHistory', { ...args, filters: untallied({ flow_runs }) })
    assert.deepEqual(withoutGrowth(tallied.json), withoutGrowth(plain.json))
  }), { numRuns: 200 })
}))

test('a tally from which all runs are gone again is empty', () => withStore(openTestStore(), async (store) => {
  await fill(store, 60)
  assert.notDeepEqual(store.all('select * from flow_run_tally'), [])
  const [flow] = store.all<{ id: string }>('select id from flow')
  await store.write('deleteRunsOfFlow', { flowId: flow!.id, limit: 30 })
  await store.write('deleteFlow', { id: flow!.id })
  assert.deepEqual(store.all('select * from flow_run_tally'), [])
  assert.deepEqual(store.all('select * from flow_run_tally_kind'), [])
}))

test('a database of before the tally in whole numbers gets one of all runs that it holds', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-migrate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const random = randomSequence()
  const runs = Array.from({ length: 500 }, (_, n) => {
    // On both sides of 1970.
    const expectedUs = Math.floor((random() - 0.5) * 2 * dayUs)
    const [type, name] = random() < 0.1 ? (['RUNNING', 'Running'] as const) : finals[Math.floor(random() * finals.length)]!
    return [`run-${n}`, expectedUs, expectedUs + Math.floor((random() - 0.3) * 1e9), random() * 1e4, type, name ?? type]
  })
  const addRuns = (db: Database): void => {
    db.exec('begin')
    db.run(`insert into flow (id, created, updated, name) values ('flow', 0, 0, 'canal')`)
    for (const run of runs) {
      db.run(`insert into flow_run (id, created, updated, name, flow_id, expected_start_time, start_time, total_run_time, state_type, state_name)
        values (?, 0, 0, 'raw', 'flow', ?, ?, ?, ?, ?)`, run)
    }
    db.exec('commit')
  }
  const tallyOf = (db: Database): unknown[] => {
    const rows = db.tuples(`select minutes, slot, state_type, state_name, subflow, runs, run_us, late_us
      from flow_run_tally join flow_run_tally_kind on id = kind order by 1, 2, 3, 4, 5`)
    db.close()
    return rows
  }
  const options = { busyTimeoutMs: 1000, statementsMax: 64, walBytes: 1024 * 1024 }
  const oldPath = path.join(folder, 'old.db')
  const old = new Database(oldPath, { ...options, readOnly: false })
  const [first] = listMigrations()
  old.exec('create table schema_migration (version integer primary key, name text not null, checksum text not null, applied integer not null)')
  old.exec(first!.text)
  old.run('insert into schema_migration (version, name, checksum, applied) values (1, ?, ?, 0)', [first!.name, first!.checksum])
  addRuns(old)
  old.close()
  const migrated = tallyOf(openWriter({ ...options, path: oldPath }))

  const fresh = openWriter({ ...options, path: path.join(folder, 'new.db') })
  addRuns(fresh)
  assert.ok(migrated.length > 500)
  assert.deepEqual(migrated, tallyOf(fresh))
})
