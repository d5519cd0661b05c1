import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { newUuid7 } from '@spillway/core/wire/ids'
import { formatIso } from '@spillway/core/wire/time'
import { startTarget } from '../targets.ts'

const FLOWS = 50
const DEPLOYMENTS = 200
const SPAN_DAYS = 90
const SEED_VERSION = 1
const MIGRATIONS = new URL('../../packages/server/src/storage/migrations/sqlite/', import.meta.url)

/** State type, name, and share of the runs, in per mille. Nothing that a background service would move. */
const STATES: readonly (readonly [string, string, number])[] = [
  ['COMPLETED', 'Completed', 900], ['FAILED', 'Failed', 55], ['CRASHED', 'Crashed', 20], ['CANCELLED', 'Cancelled', 24], ['RUNNING', 'Running', 1],
]

/**
 * A data folder of Spillway with so many runs over the last 90 days, of 50 flows and 200 deployments. Kept under .cache/bench
 * for the next time; made again when the migrations change or a day has passed (the page asks for the last days).
 */
export async function seededHome(runs: number): Promise<string> {
  const hash = createHash('sha256').update(`${SEED_VERSION} ${new Date().toISOString().slice(0, 10)}`)
  for (const file of readdirSync(MIGRATIONS).sort()) hash.update(readFileSync(new URL(file, MIGRATIONS)))
  const cache = fileURLToPath(new URL('../../.cache/bench/', import.meta.url))
  const home = join(cache, `runs-${runs}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(home)) return home
  mkdirSync(cache, { recursive: true })
  for (const old of readdirSync(cache).filter((name) => name.startsWith(`runs-${runs}-`))) rmSync(join(cache, old), { recursive: true })
  const draft = join(cache, `draft-${process.pid}-${runs}`)
  process.stderr.write(`seeding ${runs} runs (kept in .cache/bench) …\n`)
  // The server itself makes the database: whatever its migrations and first start put there is there.
  const server = await startTarget('spillway', draft)
  await server.stop()
  seed(join(draft, 'spillway.db'), runs)
  renameSync(draft, home)
  return home
}

function seed(path: string, runs: number): void {
  const db = new DatabaseSync(path)
  db.exec('pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -262144; begin')
  // Indexes are built from sorted rows afterwards: much faster than row by row.
  const indexes = db.prepare("select name, sql from sqlite_master where type = 'index' and tbl_name = 'flow_run' and sql is not null").all()
  for (const { name } of indexes) db.exec(`drop index "${name}"`)
  const nowUs = Date.now() * 1000
  const startUs = nowUs - SPAN_DAYS * 86_400e6
  const flowIds = Array.from({ length: FLOWS }, () => newUuid7(startUs / 1000))
  const deploymentIds = Array.from({ length: DEPLOYMENTS }, () => newUuid7(startUs / 1000))
  const addFlow = db.prepare('insert into flow (id, created, updated, name) values (?, ?, ?, ?)')
  flowIds.forEach((id, n) => addFlow.run(id, startUs, startUs, `flow-${n}`))
  const addDeployment = db.prepare('insert into deployment (id, created, updated, name, flow_id) values (?, ?, ?, ?, ?)')
  deploymentIds.forEach((id, n) => addDeployment.run(id, startUs, startUs, `deployment-${n}`, flowIds[n % FLOWS]!))
  const addRun = db.prepare(`insert into flow_run (id, created, updated, name, flow_id, deployment_id, parameters, tags, run_count,
    expected_start_time, start_time, end_time, total_run_time, state_id, state_type, state_name, state_timestamp, state)
    values (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const random = randomSequence()
  for (let n = 0; n < runs; n++) {
    const expectedUs = Math.floor(startUs + ((nowUs - startUs) * n) / runs)
    const beginUs = expectedUs + Math.floor(random() * 5e6)
    const [type, name] = pickState(random())
    const lastsUs = Math.floor(random() ** 3 * 600e6)
    const endUs = type === 'RUNNING' ? null : beginUs + lastsUs
    const stateUs = endUs ?? beginUs
    const deployment = Math.floor(random() * DEPLOYMENTS)
    const stateId = newUuid7(stateUs / 1000)
    const state = { id: stateId, type, name, timestamp: formatIso(stateUs), message: null, data: null, state_details: {} }
    addRun.run(newUuid7(expectedUs / 1000), expectedUs, stateUs, `steady-otter-${n}`, flowIds[deployment % FLOWS]!, deploymentIds[deployment]!,
      `{"n":${n},"path":"s3://bench/${n}"}`, n % 5 === 0 ? '["nightly"]' : '[]', expectedUs, beginUs, endUs,
      endUs === null ? 0 : lastsUs / 1e6, stateId, type, name, stateUs, JSON.stringify(state))
  }
  for (const { sql } of indexes) db.exec(String(sql))
  db.exec('commit; analyze; pragma wal_checkpoint(truncate)')
  db.close()
}

function pickState(draw: number): readonly [string, string, number] {
  let left = draw * 1000
  return STATES.find(([, , share]) => (left -= share) < 0) ?? STATES[0]!
}

/** The same sequence each time, so that two seedings are alike. */
function randomSequence(): () => number {
  let state = 0x9e3779b9
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
