import assert from 'node:assert/strict'
import test from 'node:test'
import { addFlow, addRun, propose, withStore } from '../../commands/runs.fixture.ts'
import { openTestStore, type TestStore } from '../sqlite/testing.ts'
import type { EntityFilters } from './entities.ts'

const types = ['COMPLETED', 'FAILED', 'RUNNING', 'CANCELLED'] as const

async function fill(store: TestStore): Promise<string[]> {
  const flows = [await addFlow(store, 'canal'), await addFlow(store, 'river')]
  for (let n = 0; n < 60; n++) {
    const scheduled_time = `2026-03-01T10:${String((n * 37) % 60).padStart(2, '0')}:00Z`
    const run = await addRun(store, flows[n % 2]!, { name: `run-${n}`, state: { type: 'SCHEDULED', details: { scheduled_time } } })
    if (n % 5 !== 0) await propose(store, run.id, { type: types[n % 4]! }, true)
  }
  return flows
}

test('a page that is put together from the values of a column is the page of a plain sort', () => withStore(openTestStore(), async (store) => {
  const [canal] = await fill(store)
  const all = JSON.parse((await store.read('listFlowRuns', { filters: {}, sort: 'ID_DESC', page: { limit: 200, offset: 0 } })).json)
  const state = { type: { any_: ['FAILED', 'SCHEDULED', 'FAILED'] } }
  const cases: [EntityFilters, (run: { state_type: string; state_name: string; flow_id: string }) => boolean][] = [
    [{ flow_runs: { state } }, (run) => run.state_type === 'FAILED' || run.state_type === 'SCHEDULED'],
    [{ flow_runs: { state: { name: { any_: ['Running', 'Cancelled'] } } } }, (run) => ['Running', 'Cancelled'].includes(run.state_name)],
    [{ flows: { name: { any_: ['canal'] } }, flow_runs: { state } }, (run) =>
      run.flow_id === canal && (run.state_type === 'FAILED' || run.state_type === 'SCHEDULED')],
    [{ flow_runs: { operator: 'or_', state, name: { any_: ['run-1'] } } }, (run) =>
      run.state_type === 'FAILED' || run.state_type === 'SCHEDULED' || (run as { name?: string }).name === 'run-1'],
    [{ flows: { name: { any_: ['lake'] } } }, () => false],
    [{ flow_runs: { state: { type: { any_: [] } } } }, () => false],
    [{ deployments: {} }, () => false],
  ]
  const keys = {
    START_TIME_DESC: (run: any) => run.start_time ?? run.expected_start_time,
    EXPECTED_START_TIME_ASC: (run: any) => run.expected_start_time,
    ID_DESC: (run: any) => run.id,
  }
  for (const [filters, holds] of cases) {
    for (const [sort, key] of Object.entries(keys) as [keyof typeof keys, (run: any) => string][]) {
      for (const page of [{ limit: 7, offset: 0 }, { limit: 7, offset: 5 }, { limit: 200, offset: 0 }]) {
        const expected = all.filter(holds).map(key).sort()
        if (sort.endsWith('DESC')) expected.reverse()
        const listed = JSON.parse((await store.read('listFlowRuns', { filters, sort, page })).json)
        assert.ok(listed.every(holds))
        assert.deepEqual(listed.map(key), expected.slice(page.offset, page.offset + page.limit), `${sort} ${JSON.stringify(filters)}`)
      }
    }
  }
}))
