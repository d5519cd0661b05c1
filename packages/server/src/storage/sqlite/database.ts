import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { integrityConflict, RetryableError } from '../../errors.ts'
import type { SqlParam } from '../port.ts'

/** A SQLite connection with a bounded cache of prepared statements. Synchronous: it lives in worker threads only. */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
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
    try {
      return this.#statement(text).get(...params) as Row | undefined
    } catch (error) {
      throw mapSqliteError(error, text)
    }
  }

  all<Row>(text: string, params: readonly SqlParam[] = []): Row[] {
    try {
      return this.#statement(text).all(...params) as Row[]
    } catch (error) {
      throw mapSqliteError(error, text)
    }
  }

  run(text: string, params: readonly SqlParam[] = []): number {
    try {
      return Number(this.#statement(text).run(...params).changes)
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

  #statement(text: string): StatementSync {
    const cached = this.#statements.get(text)
    if (cached) return cached
    const statement = this.#db.prepare(text)
    if (this.#statements.size >= this.#statementsMax) {
      // Filters make many texts; the oldest entry is the least likely to be one of the fixed hot statements' successors.
      const oldest = this.#statements.keys().next().value
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    this.#statements.set(text, statement)
    return statement
  }
}

// Primary SQLite result codes (the low byte of `errcode`), sqlite.org/rescode.html.
const BUSY = 5
const LOCKED = 6
const IOERR = 10
const FULL = 13
const CANTOPEN = 14
const CONSTRAINT = 19

/** Turns the driver's error into one the API knows: constraints are 409, a busy or full store is a passing 503. */
export function mapSqliteError(error: unknown, text: string): unknown {
  const code = (error as { errcode?: number }).errcode
  if (typeof code !== 'number') return error
  switch (code & 0xff) {
    case CONSTRAINT:
      return Object.assign(integrityConflict(), { cause: error })
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
