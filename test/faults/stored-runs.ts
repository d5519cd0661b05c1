import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Acknowledged } from './lifecycle.ts'

const terminal = `('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')`

/** The store's file, looked at from outside while the server runs. */
export class StoredRuns {
  readonly #db: DatabaseSync

  constructor(home: string) {
    this.#db = new DatabaseSync(path.join(home, 'spillway.db'), { readOnly: true, timeout: 5_000 })
  }

  /** The first column of the first row. */
  text(sql: string, ...params: (string | number)[]): string {
    return String(Object.values(this.#db.prepare(sql).get(...params) ?? {})[0])
  }

  count(sql: string, ...params: (string | number)[]): number {
    return Number(this.text(sql, ...params))
  }

  /** Task runs of a flow run, and how many of them are Completed. */
  taskRuns(flowRunId: string): { all: number; completed: number } {
    const all = this.count('select count(*) from task_run where flow_run_id = ?', flowRunId)
    const completed = this.count(`select count(*) from task_run where flow_run_id = ? and state_type = 'COMPLETED'`, flowRunId)
    return { all, completed }
  }

  /** Task runs that are not in a terminal state, by their flow run. */
  openTaskRuns(): { flowRun: string; name: string; state: string }[] {
    const open = `select flow_run_id as flowRun, name, state_name as state from task_run
      where coalesce(state_type, '') not in ${terminal}`
    return this.#db.prepare(open).all() as { flowRun: string; name: string; state: string }[]
  }

  flowRunState(id: string): string {
    return this.text('select state_type from flow_run where id = ?', id)
  }

  /** Those of the acknowledged runs and states that are not there. */
  missing(acknowledged: readonly Acknowledged[]): Acknowledged[] {
    const run = this.#db.prepare('select 1 from flow_run where id = ?')
    const state = this.#db.prepare('select 1 from flow_run_state where id = ? and flow_run_id = ?')
    return acknowledged.filter((one) => !run.get(one.run) || (one.state !== null && !state.get(one.state, one.run)))
  }

  /** Fails unless every run's state is the last row of its history, every transition has its event, and the file is sound. */
  assertWhole(): void {
    for (const kind of ['flow_run', 'task_run']) {
      const half = `select count(*) from ${kind} r where state_id is not null and not exists (
        select 1 from ${kind}_state s where s.id = r.state_id and s.${kind}_id = r.id and s.type = r.state_type
          and s.timestamp = (select max(timestamp) from ${kind}_state where ${kind}_id = r.id))`
      assert.equal(this.count(half), 0, `each ${kind}'s state is the last of its history`)
    }
    const untold = 'select count(*) from flow_run_state s where not exists (select 1 from event e where e.id = s.id)'
    assert.equal(this.count(untold), 0, 'each transition of a flow run has its event')
    assert.deepEqual(this.#db.prepare('pragma integrity_check').all().map((row) => Object.values(row)[0]), ['ok'])
  }

  close(): void {
    this.#db.close()
  }
}
