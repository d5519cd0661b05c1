import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { httpError, integrityConflict, RetryableError } from '../../errors.ts'
import type { SqlParam } from '../port.ts'

interface Prepared {
  statement: StatementSync
  /** Integers come as bigint, and are made numbers here. */
  bigInts: boolean
}

/** A SQLite connection with a bounded cache of prepared statements. Synchronous: it lives in worker threads only. */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, Prepared>()
  readonly #statementsMax: number

  constructor(path: string, options: { readOnly: boolean; busyTimeoutMs: number; statementsMax: number }) {
    this.#db = new DatabaseSync(path, {
      readOnly: options.readOnly,
      timeout: options.busyTimeoutMs,
      enableForeignKeyConstraints: true,
    })
    this.#statementsMax = options.statementsMax
  }

  get<Row>(text: string, params: readonly SqlParam[] = []): Row | undefined {
    return this.#read(text, (statement) => statement.get(...params), toNumbers) as Row | undefined
  }

  all<Row>(text: string, params: readonly SqlParam[] = []): Row[] {
    return this.#read(text, (statement) => statement.all(...params), (rows) => rows.map(toNumbers)) as Row[]
  }

  /** Rows as arrays of their columns; a text is read either by this or by the others. */
  tuples<Tuple>(text: string, params: readonly SqlParam[] = []): Tuple[] {
    const run = (statement: StatementSync): unknown[] => {
      statement.setReturnArrays(true)
      return statement.all(...params)
    }
    return this.#read(text, run, (rows) => rows.map((row) => (row as unknown[]).map(toNumber))) as Tuple[]
  }

  run(text: string, params: readonly SqlParam[] = []): number {
    try {
      return Number(this.#prepared(text).statement.run(...params).changes)
    } catch (error) {
      throw mapSqliteError(error, text)
    }
  }

  /** Several statements at once, without parameters: migrations and pragmas. */
  exec(text: string): void {
    try {
      this.#db.exec(text)
    } catch (error) {
      throw mapSqliteError(error, text)
    }
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction
  }

  close(): void {
    this.#statements.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  /**
   * The driver refuses to read integers over 2^53, which are microseconds before 1684 and after 2255, and a row with one of
   * those must not make every list fail that it is in. A statement that meets one reads bigints from then on. One that writes
   * cannot be run again: it reads bigints from the start.
   */
  #read<Rows>(text: string, run: (statement: StatementSync) => Rows, convert: (rows: NonNullable<Rows>) => unknown): unknown {
    try {
      const prepared = this.#prepared(text)
      let rows: Rows
      try {
        rows = run(prepared.statement)
      } catch (error) {
        if (prepared.bigInts || (error as { code?: string }).code !== 'ERR_OUT_OF_RANGE') throw error
        readBigInts(prepared)
        rows = run(prepared.statement)
      }
      return prepared.bigInts && rows ? convert(rows) : rows
    } catch (error) {
      throw mapSqliteError(error, text)
    }
  }

  #prepared(text: string): Prepared {
    const cached = this.#statements.get(text)
    if (cached) return cached
    const prepared: Prepared = { statement: this.#db.prepare(text), bigInts: false }
    if (/\breturning\b/i.test(text)) readBigInts(prepared)
    if (this.#statements.size >= this.#statementsMax) {
      // Filters make many texts; the oldest entry is the least likely to be one of the fixed hot statements' successors.
      const oldest = this.#statements.keys().next().value
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    this.#statements.set(text, prepared)
    return prepared
  }
}

function readBigInts(prepared: Prepared): void {
  prepared.statement.setReadBigInts(true)
  prepared.bigInts = true
}

function toNumbers(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) row[name] = toNumber(value)
  return row
}

function toNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

// Primary SQLite result codes (the low byte of `errcode`), sqlite.org/rescode.html.
const BUSY = 5
const LOCKED = 6
const IOERR = 10
const FULL = 13
const CANTOPEN = 14
const CONSTRAINT = 19
const MISMATCH = 20

/** Turns the driver's error into one the API knows: constraints 409, an impossible page 422, a busy or full store a passing 503. */
export function mapSqliteError(error: unknown, text: string): unknown {
  const code = (error as { errcode?: number }).errcode
  if (typeof code !== 'number') return error
  switch (code & 0xff) {
    case CONSTRAINT:
      return Object.assign(integrityConflict(), { cause: error })
    case MISMATCH:
      // A limit or an offset that is no 64-bit integer: the one number that SQLite does not take as it comes.
      return Object.assign(httpError(422, 'Invalid page: a number is too large.'), { cause: error })
    case BUSY:
    case LOCKED:
      return new RetryableError('the database is locked by another process', 2, { cause: error, limit: 'busyTimeoutMs' })
    case IOERR:
    case FULL:
      return new RetryableError('the disk is full or cannot be written', 5, { cause: error })
    case CANTOPEN:
      return new RetryableError('the database file cannot be opened', 5, { cause: error })
    default:
      ;(error as Error).message += ` in: ${text.slice(0, 400)}`
      return error
  }
}
