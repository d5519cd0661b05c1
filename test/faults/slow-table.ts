import { DatabaseSync } from 'node:sqlite'

/**
 * Puts a view in the place of the variables, so that counting them keeps one core and one reader busy for about `seconds`, or longer
 * where others use the core too: a long statement of which the test knows beforehand how long it will be at least. Made from outside
 * while the server runs.
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

/** By the time on a core: others that use it now may not do so later, and the statement would be over too soon. */
function countedRowsPerSecond(db: DatabaseSync): number {
  const rows = 1_000_000
  const statement = db.prepare(`with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${rows})
    select count(*) from (select '' as id, n from counted)`)
  statement.get()
  const before = process.threadCpuUsage()
  statement.get()
  const { user, system } = process.threadCpuUsage(before)
  return (rows * 1e6) / (user + system)
}
