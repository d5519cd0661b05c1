import assert from 'node:assert/strict'
import test from 'node:test'
import { compileLogFilter, type FilterableLog, type LogFilterFields } from './log-filter.ts'

const log: FilterableLog = {
  name: 'prefect.flow_runs', level: 30, message: 'Disk "almost" full', timestamp: '2026-11-20T11:07:49Z',
  flow_run_id: '0198c0de-0000-7000-8000-000000000001', task_run_id: null,
}

test('log filters join their members by the operator', () => {
  const cases: [LogFilterFields, boolean][] = [
    [{}, true],
    [{ operator: 'or_' }, true],
    [{ level: { ge_: 30, le_: 30 } }, true],
    [{ level: { ge_: 31 } }, false],
    [{ level: { ge_: 0, le_: 0 } }, false],
    [{ timestamp: { after_: '2026-11-20T11:07:49Z', before_: '2026-11-20T12:07:49+01:00' } }, true],
    [{ timestamp: { before_: '2026-11-20T11:07:48Z' } }, false],
    [{ flow_run_id: { any_: ['0198C0DE-0000-7000-8000-000000000001'] } }, true],
    [{ flow_run_id: { any_: [] } }, false],
    [{ task_run_id: { is_null_: true } }, true],
    [{ task_run_id: { is_null_: false } }, false],
    [{ task_run_id: { any_: ['x'] } }, false],
    [{ text: { query: 'disk -error' } }, true],
    [{ text: { query: 'flow_runs' } }, true],
    [{ text: { query: '"\\"almost\\" full"' } }, true],
    [{ text: { query: 'error' }, level: { ge_: 10 } }, false],
    [{ operator: 'or_', text: { query: 'error' }, level: { ge_: 10 } }, true],
    [{ operator: 'or_', text: { query: 'error' }, level: { ge_: 40 } }, false],
    [{ operator: 'or_', text: { query: 'error -nothing' }, level: { ge_: 40 } }, true],
    [{ operator: 'or_', level: {}, flow_run_id: { any_: [] } }, true],
    [{ text: { query: '  ' } }, true],
  ]
  for (const [filter, want] of cases) assert.equal(compileLogFilter(filter)(log), want, JSON.stringify(filter))
})
