import type { SqlParam } from './port.ts'

/** Rows of one statement: as many of these as there are, and one statement for the few rows that are left. */
const statementRows = [32, 8]

interface BulkStatement {
  text: string
  params: SqlParam[]
  /** Which of the rows it inserts: from the first index up to, but without, the second. */
  from: number
  to: number
}

/**
 * Inserts many rows with few statements: one for many rows costs a fraction of one for each, because what a statement costs before
 * and after its rows is more than what a small row does. A list of any length makes one of nine texts, for the cache of prepared
 * statements.
 */
export class BulkInsert {
  readonly #into: string
  readonly #row: string
  readonly #tail: string
  /** By the number of rows. */
  readonly #texts: string[] = []

  /** @param tail What follows the rows, such as `on conflict do nothing`. */
  constructor(table: string, columns: readonly string[], tail = '') {
    this.#into = `insert into ${table} (${columns.join(', ')}) values`
    this.#row = `(${columns.map(() => '?').join(', ')})`
    this.#tail = tail
  }

  /** The statements that insert these rows, in their order. */
  *statements(rows: readonly (readonly SqlParam[])[]): Generator<BulkStatement> {
    for (let from = 0; from < rows.length;) {
      const left = rows.length - from
      const to = from + (statementRows.find((size) => size <= left) ?? left)
      yield { text: this.#textOf(to - from), params: rows.slice(from, to).flat(), from, to }
      from = to
    }
  }

  #textOf(rows: number): string {
    return (this.#texts[rows] ??= `${this.#into} ${new Array(rows).fill(this.#row).join(', ')} ${this.#tail}`)
  }
}
