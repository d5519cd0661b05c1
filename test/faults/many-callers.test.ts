import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { withLoader } from '../../bench/lib/question.ts'
import { seededHome } from '../../bench/lib/seeded-home.ts'
import { startTarget } from '../../bench/targets.ts'
import { assertHealthy, probeHealth } from './health.ts'

const runs = 200_000
const callers = 64
const seconds = process.env['SPILLWAY_SOAK'] === '1' ? 30 : 10

test(`${callers} callers create, move and read runs without an error while a reader lists ${runs} runs`, async (t) => {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-faults-'))
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  cpSync(await seededHome(runs), home, { recursive: true })
  const target = await startTarget('spillway', home)
  t.after(() => target.stop())
  const [work, list, health] = await Promise.all([
    withLoader(target, (load) => load({ scenario: 'create, move, read', callers, seconds })),
    withLoader(target, (load) => load({ scenario: 'heaviest list', callers: 1, seconds })),
    probeHealth(t, `http://${target.host}:${target.port}`, seconds),
  ])
  console.log(JSON.stringify({ runsPerSecond: work.perSecond, work: work.latencies, lists: list.latencies, health }))
  assert.deepEqual({ ...work.errors, ...list.errors }, {}, 'no caller saw an error')
  const metrics = await (await fetch(`http://${target.host}:${target.port}/api/metrics`)).text()
  assert.doesNotMatch(metrics, /_count\{[^}]*status="5\d\d"/, 'no answer was a 5xx')
  assert.ok(work.latencies.count > seconds, `only ${work.latencies.count} runs went through`)
  assert.ok(list.latencies.count > 0, 'the list was answered')
  assertHealthy(health)
})
