import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { StartupError } from '../../errors.ts'
import { Database } from './database.ts'
import { checkDatabaseFile } from './database-file.ts'

export interface OpenOptions {
  path: string
  busyTimeoutMs: number
  statementsMax: number
  walBytes: number
}

interface Migration {
  version: number
  name: string
  text: string
  checksum: string
}

const migrationsFolder = fileURLToPath(new URL('../migrations/sqlite', import.meta.url))

/** The migrations that this program carries, in order. */
export function listMigrations(folder = migrationsFolder): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      return {
        version: Number(file.slice(0, 4)),
        name: file.slice(5, -4),
        text,
        checksum: createHash('sha256').update(text).digest('hex'),
      }
    })
}

/**
 * Opens the writer's connection: checks whose file it is, sets the pragmas, migrates forward.
 *
 * WAL with synchronous=FULL: a commit that was acknowledged survives a power loss, because the log is synced at each commit.
 * @throws {StartupError} for a foreign, damaged or newer file; nothing is changed then.
 */
export function openWriter(options: OpenOptions): Database {
  checkDatabaseFile(options.path)
  let db: Database
  try {
    db = new Database(options.path, { ...options, readOnly: false })
    db.exec(`pragma journal_mode = wal`)
    db.exec(`pragma synchronous = full`)
    db.exec(`pragma journal_size_limit = ${options.walBytes}`)
    db.exec(`pragma wal_autocheckpoint = 2000`)
    db.exec(`pragma cache_size = -32768`)
    db.exec(`pragma temp_store = memory`)
  } catch (error) {
    throw new StartupError(
      `The database ${options.path} cannot be opened: ${(error as Error).message}`,
      'Check that the file is a Spillway database and that this user may write it; restore it from a backup if it is damaged.',
      { cause: error },
    )
  }
  migrate(db, options.path)
  return db
}

/** Opens a connection that can only read. */
export function openReader(options: OpenOptions): Database {
  const db = new Database(options.path, { ...options, readOnly: true })
  // No memory map: measured no faster, and the mapped pages would count as this process's memory.
  db.exec('pragma cache_size = -32768')
  db.exec('pragma temp_store = memory')
  return db
}

function migrate(db: Database, path: string): void {
  const migrations = listMigrations()
  db.exec('begin immediate')
  try {
    db.exec(
      'create table if not exists schema_migration (version integer primary key, name text not null, checksum text not null, applied integer not null)',
    )
    const applied = db.all<{ version: number; name: string; checksum: string }>(
      'select version, name, checksum from schema_migration order by version',
    )
    const newest = migrations.at(-1)?.version ?? 0
    for (const row of applied) {
      if (row.version > newest) {
        throw new StartupError(
          `${path} has schema version ${row.version}, newer than this program's ${newest}. It was not touched.`,
          'Start the newer Spillway that wrote it, or choose another folder with SPILLWAY_HOME.',
        )
      }
      const known = migrations.find((migration) => migration.version === row.version)
      if (known?.checksum !== row.checksum) {
        throw new StartupError(
          `${path} was migrated by another text of step ${row.version} (${row.name}). It was not touched.`,
          'Start the Spillway version that made this database, or choose another folder with SPILLWAY_HOME.',
        )
      }
    }
    for (const migration of migrations.slice(applied.length)) {
      db.exec(migration.text)
      db.run('insert into schema_migration (version, name, checksum, applied) values (?, ?, ?, ?)', [
        migration.version,
        migration.name,
        migration.checksum,
        Date.now() * 1000,
      ])
    }
    // The epoch tells a reader that comes back with a cursor whether it is still the same event log.
    db.run(`insert into store_meta (key, value) values ('epoch', ?) on conflict (key) do nothing`, [randomUUID()])
    db.exec('commit')
  } catch (error) {
    if (db.inTransaction) db.exec('rollback')
    db.close()
    throw error
  }
}
