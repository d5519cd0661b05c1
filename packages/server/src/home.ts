import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartupError } from './errors.ts'

/** Makes the data folder (only for this user) and checks that it can be written. */
export function prepareHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    accessSync(home, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartupError(
      `The data folder ${home} cannot be written: ${(error as Error).message}`,
      'Give this user the right to write there, or choose another folder with SPILLWAY_HOME.',
      { cause: error },
    )
  }
}

/**
 * Holds the folder for this process: an exclusive lock on a small SQLite file, which the operating system gives back when the
 * process ends, however it ends. A lock file with a pid in it would outlive a kill -9.
 *
 * @returns release
 * @throws {StartupError} when another server holds it.
 */
export function lockHome(home: string): () => void {
  return holdLock(join(home, 'server.lock'), `the folder ${home}`)
}

/**
 * Holds the database file, which may lie outside the data folder, so that a server with another folder cannot open it too.
 *
 * @returns release
 * @throws {StartupError} when another server holds it.
 */
export function lockDatabase(databasePath: string): () => void {
  return holdLock(`${databasePath}.lock`, `the database ${databasePath}`)
}

const sqliteBusy = 5

function holdLock(path: string, what: string): () => void {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    // No journal: nothing is ever written, and a kill -9 must not leave a second file behind.
    db.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    db?.close()
    if ((error as { errcode?: number }).errcode !== sqliteBusy) {
      throw new StartupError(`${path} cannot be opened: ${(error as Error).message}`, 'Check that the folder exists and that this user may write there.', {
        cause: error,
      })
    }
    throw new StartupError(
      `Another Spillway server uses ${what}.`,
      'Stop that server, or start this one with another SPILLWAY_HOME and PREFECT_SERVER_API_PORT.',
      { cause: error },
    )
  }
  const held = db
  return () => held.close()
}

/**
 * The key that encrypts block documents at rest: made once, readable by this user only. 32 bytes as hex.
 *
 * @param databaseExists A database without its key must not get a new one: its blocks could not be read any more.
 */
export function readEncryptionKey(home: string, databaseExists: boolean): string {
  const path = join(home, 'encryption.key')
  if (!existsSync(path) && databaseExists) {
    throw new StartupError(
      `The key ${path} is missing, but there is a database that was encrypted with it.`,
      'Restore the key from a backup of the data folder.',
    )
  }
  let key: string
  try {
    if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    key = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new StartupError(`The key ${path} cannot be read: ${(error as Error).message}`, 'Give this user the right to read it.', { cause: error })
  }
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new StartupError(`${path} does not hold a key (64 hex digits).`, 'Restore it from a backup: blocks were encrypted with it.')
  }
  return key
}
