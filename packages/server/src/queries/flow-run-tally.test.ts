import assert from 'node:assert/strict'
import test from 'node:test'
import type { StateType } from '@spillway/core/domain/state'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import { addFlow, addRun, addTaskRun, propose, withStore } from '../commands/runs.fixture.ts'
import type { EntityFilters } from '../storage/filters/entities.ts'
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

const ended = new Set(['Completed', 'Failed', 'Cancelled', 'Crashed'])

function withoutSeconds(json: string) {
  type Bucket = { states: { state_name: string; count_runs: number; sum_estimated_run_time: number; sum_estimated_lateness: number }[] }
  return (JSON.parse(json) as Bucket[]).map((bucket) => ({
    ...bucket,
    states: bucket.states.map((state) => ({
      ...state,
      // Unfinished runs grow older between two reads, so theirs are not compared; sums of floats differ in their last digits.
      sum_estimated_run_time: ended.has(state.state_name) ? state.sum_estimated_run_time.toFixed(3) : 'grows',
      sum_estimated_lateness: ended.has(state.state_name) ? state.sum_estimated_lateness.toFixed(1) : 'grows',
    })),
  }))
}

test('counts and histories out of the tally are those of the runs themselves', () => withStore(openTestStore(), async (store) => {
  await fill(store, 300)
  const after = formatIso(baseUs + 3_700_000_000)
  const before = formatIso(baseUs + dayUs + 12_345_678)
  const filters: EntityFilters[] = [
    {},
    { flows: { operator: 'and_', id: null } },
    ...[
      { expected_start_time: { after_: after, before_: null } },
      { expected_start_time: { after_: null, before_: before } },
      { expected_start_time: { after_: after, before_: before } },
      { expected_start_time: { after_: after, before_: formatIso(parseIso(after)! + 30_000_000) } },
      { state: { type: { any_: ['FAILED', 'RUNNING'] } } },
      { state: { name: { any_: ['Broken', 'Scheduled', 'Completed'] } }, expected_start_time: { after_: after } },
      { state: { type: { any_: [] } } },
      { parent_task_run_id: { is_null_: true }, expected_start_time: { before_: before } },
      { parent_task_run_id: { is_null_: false } },
    ].map((flow_runs) => ({ flow_runs })),
  ]
  for (const given of filters) {
    const tallied = await store.read('countFlowRuns', { filters: given })
    const plain = await store.read('countFlowRuns', { filters: untallied(given) })
    assert.equal(tallied.json, plain.json, JSON.stringify(given))
  }
  for (const [startUs, endUs, intervalUs] of [
    [baseUs, baseUs + 2 * dayUs, 3_600_000_000],
    [baseUs - 777, baseUs + dayUs, 7_777_777_777],
    [parseIso('2026-03-01T00:00:00Z')!, baseUs + 3 * dayUs, dayUs],
    [baseUs, baseUs + 3_600_000_000, 120_000_000],
    [baseUs, baseUs + 1_000_000, 1_000_000],
  ] as const) {
    const args = { runs: 'flow_run', startUs, endUs, intervalUs } as const
    const tallied = await store.read('readRunHistory', { ...args, filters: {} })
    const plain = await store.read('readRunHistory', { ...args, filters: untallied({}) })
    assert.deepEqual(withoutSeconds(tallied.json), withoutSeconds(plain.json))
  }
  const [flow] = store.all<{ id: string }>('select id from flow')
  await store.write('deleteRunsOfFlow', { flowId: flow!.id, limit: 150 })
  await store.write('deleteFlow', { id: flow!.id })
  assert.deepEqual(store.all('select * from flow_run_tally where runs <> 0'), [])
}))
