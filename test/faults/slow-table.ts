import { performance } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'

/**
 * Puts a view in the place of the variables, so that counting them keeps one core and one reader busy for about `seconds`: a
 * long statement of which the test knows beforehand how long it will be. Made from outside while the server runs.
 */
export function makeVariablesSlow(databasePath: string, seconds: number): void {
  const db = new DatabaseSync(databasePath, { timeout: 5_000 })
  const rows = Math.ceil(seconds * countedRowsPerSecond(db))
  db.exec('alter table variable rename to variable_table')
  db.exec(`create view variable as
    with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${rows})
    select '' as id, 0 as created, 0 as updated, '' as name, null as value, '[]' as tags from counted`)
  db.close()
}

function countedRowsPerSecond(db: DatabaseSync): number {
  const rows = 1_000_000
  const statement = db.prepare(`with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${rows})
    select count(*) from (select '' as id, n from counted)`)
  statement.get()
  const startedMs = performance.now()
  statement.get()
  return (rows * 1000) / (performance.now() - startedMs)
}
