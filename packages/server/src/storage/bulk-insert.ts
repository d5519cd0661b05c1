import type { SqlParam } from './port.ts'

/** Rows of one statement. Few sizes: a list of any length makes few texts for the cache of prepared statements. */
const statementRows = [32, 8, 1]

interface BulkStatement {
  text: string
  params: SqlParam[]
  /** Which of the rows it inserts: from the first index up to, but without, the second. */
  from: number
  to: number
}

/**
 * The statements that insert many rows, in their order. One statement for many rows costs a fraction of one for each: what a
 * statement costs before and after its rows is more than what a small row does.
 *
 * @param into The table with its columns in brackets.
 * @param tail What follows the rows, such as `on conflict do nothing`.
 */
export function* bulkInserts(into: string, rows: readonly (readonly SqlParam[])[], tail = ''): Generator<BulkStatement> {
  const oneRow = `(${new Array(rows[0]?.length ?? 0).fill('?').join(', ')})`
  let from = 0
  for (const size of statementRows) {
    if (rows.length - from < size) continue
    const text = `insert into ${into} values ${new Array(size).fill(oneRow).join(', ')} ${tail}`
    for (; rows.length - from >= size; from += size) yield { text, params: rows.slice(from, from + size).flat(), from, to: from + size }
  }
}
