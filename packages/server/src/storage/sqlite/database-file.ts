import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { StartupError } from '../../errors.ts'

const sqliteHeader = 'SQLite format 3\0'

/**
 * Looks whose database a file is, without changing it or leaving anything beside it.
 *
 * @returns `new` when there is none yet, `ours` when Spillway made it.
 * @throws {StartupError} when it belongs to Prefect or another program, or cannot be read.
 */
export function checkDatabaseFile(path: string): 'new' | 'ours' {
  let tables: ReadonlySet<string>
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size
    if (size === undefined || size === 0) return 'new'
    if (readHeader(path) !== sqliteHeader) throw new Error('it is not a SQLite database')
    tables = readTableNames(path)
  } catch (error) {
    throw new StartupError(
      `The database ${path} cannot be opened: ${(error as Error).message}`,
      'Check that the file is a Spillway database and that this user may read it; restore it from a backup if it is damaged.',
      { cause: error },
    )
  }
  if (tables.has('schema_migration')) return 'ours'
  if (tables.has('alembic_version')) {
    throw new StartupError(
      `${path} is a Prefect database, not a Spillway one. It was not touched.`,
      'Unset PREFECT_SERVER_DATABASE_CONNECTION_URL (or PREFECT_API_DATABASE_CONNECTION_URL), or choose another folder with SPILLWAY_HOME.',
    )
  }
  if (tables.size === 0) return 'new'
  throw new StartupError(
    `${path} is a SQLite database of another program. It was not touched.`,
    'Unset PREFECT_SERVER_DATABASE_CONNECTION_URL if it names that file, or choose another folder with SPILLWAY_HOME.',
  )
}

function readHeader(path: string): string {
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(sqliteHeader.length)
    const bytes = readSync(file, header, 0, header.length, 0)
    return header.subarray(0, bytes).toString('latin1')
  } finally {
    closeSync(file)
  }
}

function readTableNames(path: string): ReadonlySet<string> {
  const url = pathToFileURL(path)
  // A plain connection to a file in WAL mode makes two files beside it, even to read. With nothing in the log, "immutable"
  // reads the file alone.
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) url.searchParams.set('immutable', '1')
  const db = new DatabaseSync(url, { readOnly: true })
  try {
    const rows = db.prepare(`select name from sqlite_master where type = 'table'`).all() as { name: string }[]
    return new Set(rows.map((row) => row.name))
  } finally {
    db.close()
  }
}
