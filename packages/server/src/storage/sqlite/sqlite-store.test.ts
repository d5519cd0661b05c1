import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { defaultLimits } from '../../limits.ts'
import type { Store } from '../store.ts'
import { openSqliteStore, type StoreObserver } from './sqlite-store.ts'
import { testStoreSettings } from './testing.ts'

const observer: StoreObserver = {
  refused: () => {},
  underWay: () => {},
  groupCommitted: () => {},
  readerRestarted: () => {},
  threadEnded: () => {},
  limitReached: () => {},
  operationDone: () => {},
}

/** A store with threads of its own, and its writer's thread. */
async function openStore(t: TestContext): Promise<{ store: Store; writer: Worker }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-store-'))
  const threads: Worker[] = []
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  t.after(() => process.off('worker', note))
  const store = await openSqliteStore(path.join(folder, 'test.db'), testStoreSettings(), defaultLimits, observer)
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return { store, writer: threads[0]! }
}

test('a writer that took the place of an ended one is told of before anything that it publishes', { timeout: 20_000 }, async (t) => {
  const { store, writer } = await openStore(t)
  const told: string[] = []
  store.onPublications((publications) => told.push(...publications.map(({ topic }) => topic)))
  const restarted = new Promise<void>((resolve) =>
    store.onWriterRestarted(() => {
      told.push('restarted')
      resolve()
    }),
  )
  const log = { name: 'raw', level: 20, message: 'm', timestamp: '2026-01-01T00:00:00Z', flow_run_id: null, task_run_id: null }
  const addLog = (): Promise<unknown> => store.write('createLogs', { logs: [log], publish: true })
  await addLog()
  assert.deepEqual(told, ['log'], 'the first writer is no restart')
  await Promise.all([once(writer, 'exit'), writer.terminate()])
  await restarted
  assert.equal(store.isReady(), true)
  await addLog()
  assert.deepEqual(told, ['log', 'restarted', 'log'])
})
