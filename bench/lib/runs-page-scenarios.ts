import { call, type Caller } from './caller.ts'

const DAY_MS = 86_400_000

/** What a runs page asks for, in the words of Prefect's API; times are taken when the request is made. */
const REQUESTS: Record<string, readonly [path: string, body: (nowMs: number) => object]> = {
  'newest 50': ['/flow_runs/filter', () => ({ sort: 'START_TIME_DESC', limit: 50 })],
  'failed, newest 50': ['/flow_runs/filter', () => ({ ...stateType('FAILED', 'CRASHED'), sort: 'START_TIME_DESC', limit: 50 })],
  'last 7 days, first page': ['/flow_runs/paginate', (nowMs) => ({ ...lastDays(nowMs, 7), sort: 'START_TIME_DESC', limit: 50, page: 1 })],
  'all, first page': ['/flow_runs/paginate', () => ({ sort: 'START_TIME_DESC', limit: 50, page: 1 })],
  'count of all': ['/flow_runs/count', () => ({})],
  'count by state': ['/flow_runs/count', () => stateType('COMPLETED')],
  'count of failed, last 7 days': ['/flow_runs/count', (nowMs) => ({
    flow_runs: { ...lastDays(nowMs, 7).flow_runs, ...stateType('FAILED', 'CRASHED').flow_runs },
  })],
  'history of 7 days': ['/flow_runs/history', (nowMs) => history(nowMs, 7, 3600)],
  'history of 30 days': ['/flow_runs/history', (nowMs) => history(nowMs, 30, 6 * 3600)],
  'scatter of 1,000': ['/ui/flow_runs/history', (nowMs) => ({ ...lastDays(nowMs, 7), sort: 'EXPECTED_START_TIME_DESC', limit: 1000 })],
}

function stateType(...types: string[]) {
  return { flow_runs: { state: { type: { any_: types } } } }
}

function lastDays(nowMs: number, days: number) {
  return { flow_runs: { expected_start_time: { after_: new Date(nowMs - days * DAY_MS).toISOString() } } }
}

function history(nowMs: number, days: number, intervalSeconds: number) {
  return {
    history_start: new Date(nowMs - days * DAY_MS).toISOString(), history_end: new Date(nowMs).toISOString(),
    history_interval_seconds: intervalSeconds,
  }
}

/** By name: `runs page: newest 50` and so on. */
export const RUNS_PAGE_SCENARIOS = Object.fromEntries(Object.entries(REQUESTS).map(([name, [path, body]]) => [
  `runs page: ${name}`,
  (caller: Caller) => call(caller, name, 'POST', path, JSON.stringify(body(Date.now()))),
]))
