import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commands, type Commands } from '../../commands/index.ts'
import { queries, type Queries } from '../../queries/index.ts'
import { readSettings } from '../../settings.ts'
import type { Publication, SqlParam, StoreSettings } from '../port.ts'
import { openWriter } from './open.ts'
import { SqliteSql, SqliteTx } from './session.ts'

type Args<Operation> = Operation extends (session: never, args: infer A) => unknown ? A : never
type Result<Operation> = Operation extends (session: never, args: never) => infer R ? Awaited<R> : never

export interface TestStore {
  write<Name extends keyof Commands>(name: Name, args: Args<Commands[Name]>): Promise<Result<Commands[Name]>>
  read<Name extends keyof Queries>(name: Name, args: Args<Queries[Name]>): Promise<Result<Queries[Name]>>
  /** Any statement, to look at rows or to age them. */
  all<Row = Record<string, unknown>>(text: string, params?: readonly SqlParam[]): Row[]
  /** What the commands published so far. */
  readonly publications: Publication[]
  close(): void
}

/** Settings of the store as an empty environment gives them. */
export function testStoreSettings(): StoreSettings {
  const settings = readSettings({})
  return {
    ...settings.store,
    maxParameterBytes: settings.maxParameterBytes,
    maxEventBytes: settings.events.maxBytes,
    encryptionKey: '00'.repeat(32),
  }
}

/** A store in a temporary file, run in this thread: each command is one transaction. */
export function openTestStore(settings: StoreSettings = testStoreSettings()): TestStore {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'))
  const path = join(folder, 'test.db')
  const db = openWriter({ path, busyTimeoutMs: 1000, statementsMax: 256, walBytes: 1024 * 1024 })
  const publications: Publication[] = []
  return {
    publications,
    async write(name, args) {
      const tx = new SqliteTx(db, settings)
      db.exec('begin immediate')
      try {
        const operation = commands[name] as unknown as (tx: SqliteTx, args: unknown) => Promise<never>
        const result = await operation(tx, args)
        db.exec('commit')
        publications.push(...tx.publications)
        return result
      } catch (error) {
        db.exec('rollback')
        throw error
      }
    },
    async read(name, args) {
      const operation = queries[name] as unknown as (sql: SqliteSql, args: unknown) => Promise<never>
      return operation(new SqliteSql(db, settings), args)
    },
    all: (text, params) => db.all(text, params),
    close() {
      db.close()
      rmSync(folder, { recursive: true })
    },
  }
}
