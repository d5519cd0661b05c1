/** Three times as many requests as the server can do (C07). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ask, endPart, startPart } from '../../bench/lib/process.ts'
import { openForeignLock } from '../faults/foreign-lock.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { freePort } from '../server/free-port.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { soak, startHttpTarget, type HttpTarget } from './lib/http-fault.ts'
import type { FloodJob, FloodResult } from './parts/flood.ts'

type AfterHook = { after(work: () => unknown): void }
type Flood = (job: Omit<FloodJob, 'port'>) => Promise<FloodResult>

const floodSeconds = soak ? 60 : 8
const measureSeconds = soak ? 10 : 3

function startFlood(t: AfterHook, server: HttpTarget): Flood {
  const part = startPart(new URL('./parts/flood.ts', import.meta.url))
  t.after(() => endPart(part, 'SIGKILL'))
  return (job) => ask<FloodResult>(part, { ...job, port: server.port } satisfies FloodJob)
}

const bodyOf = (parameters: object, flow: string): string =>
  JSON.stringify({ flow_id: flow, parameters, state: { type: 'PENDING', name: 'Pending' } })

/**
 * Makes runs, and gives the question for a page of them: work that is a good deal more than an answer in HTTP. A refusal costs what the
 * least of answers costs, so four fifths can be left for the work only where that is little beside it.
 */
async function pageOfRuns(server: HttpTarget): Promise<{ method: string; path: string; body: string }> {
  const flow = (await (await server.post('/api/flows/', { name: 'overload' })).json()) as { id: string }
  const parameters = { words: Array.from({ length: 40 }, (_, i) => `word-${i}-${'x'.repeat(40)}`) }
  for (let i = 0; i < 100; i += 1) assert.equal((await server.post('/api/flow_runs/', bodyOf(parameters, flow.id))).status, 201)
  return { method: 'POST', path: '/api/flow_runs/filter', body: '{"limit":100}' }
}

/** User and system time of all threads so far, in seconds. */
function cpuSeconds(server: HttpTarget): number {
  const fields = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

test('at three times its capacity four fifths of the server\'s time are work that is done, the rest is refused with a time to wait, and it is back at once', async (t) => {
  // Probes of an overloaded server belong on the listener that is kept for them: on the other one they queue with the flood.
  const healthPort = await freePort()
  const server = await startHttpTarget(t, {}, { SPILLWAY_HEALTH_LISTEN: String(healthPort) })
  const flood = startFlood(t, server)
  const page = await pageOfRuns(server)
  await flood({ ...page, seconds: 2, callers: 32 }) // Compiled code, warm caches.
  const cpuStart = cpuSeconds(server)
  const before = await flood({ ...page, seconds: measureSeconds, callers: 32 })
  const cpuBefore = cpuSeconds(server)
  const alone = await flood({ ...page, seconds: 1, callers: 1 })
  const cpuUnderStart = cpuSeconds(server)
  const [under, health] = await Promise.all([
    flood({ ...page, seconds: floodSeconds, perSecond: before.donePerSecond * 3 }),
    probeHealth(t, `http://127.0.0.1:${healthPort}`, floodSeconds),
  ])
  const cpuUnderEnd = cpuSeconds(server)
  // What the flood left behind may take two seconds; then one caller is served as it was before.
  await flood({ method: 'GET', path: '/api/health', seconds: 2, callers: 1 })
  const afterwards = await flood({ ...page, seconds: 1, callers: 1 })
  const again = await flood({ ...page, seconds: measureSeconds, callers: 32 })

  // By its own time, so that it does not matter how much of the machine the generator of the flood takes.
  const perCpuSecond = { before: before.done / (cpuBefore - cpuStart), under: under.done / (cpuUnderEnd - cpuUnderStart) }
  const capacity = Math.min(before.donePerSecond, again.donePerSecond)
  t.diagnostic(JSON.stringify({ before: before.donePerSecond, again: again.donePerSecond, perCpuSecond, under, health }))
  assert.deepEqual(under.odd, {}, 'every request was done or refused in words')
  assert.ok(under.shed > 0, 'it was an overload')
  assert.ok(perCpuSecond.under >= 0.8 * perCpuSecond.before, `${perCpuSecond.under} for each second of the server's time, ${perCpuSecond.before} without the flood`)
  if (soak) assert.ok(under.donePerSecond >= 0.8 * capacity, `${under.donePerSecond}/s of ${capacity}/s were done`)
  assertHealthy(health, 20)
  assert.deepEqual(afterwards.odd, {})
  assert.equal(afterwards.shed, 0)
  assert.ok(afterwards.doneMs.p50 < 10 * alone.doneMs.p50 + 50, `${afterwards.doneMs.p50} ms after, ${alone.doneMs.p50} ms before`)
  assert.equal(await server.metric('spillway_http_requests_waiting{class="read"}'), 0)
})

test('a flood of logs and of lists is refused before any state change is', async (t) => {
  const home = temporaryFolder(t)
  // Few places for lists, so that the flood need not be large to be one.
  const server = await startHttpTarget(t, { scanRequests: 1, queueAgeMs: 6_000 }, { SPILLWAY_HOME: home })
  const [logs, lists, states] = [startFlood(t, server), startFlood(t, server), startFlood(t, server)]
  const page = await pageOfRuns(server)
  const capacity = await lists({ ...page, seconds: 2, callers: 8 })
  const line = { name: 'x', level: 20, message: 'm'.repeat(300), timestamp: '2026-01-01T00:00:00Z' }
  const seconds = soak ? 30 : 6
  // A store that stands still for half as long as a state change may wait, and for twice as long as a log: whatever the machine does otherwise.
  const lock = await openForeignLock(t, home).hold(3_000)
  const [logged, listed, changed] = await Promise.all([
    logs({ method: 'POST', path: '/api/logs/', body: JSON.stringify(Array(20).fill(line)), seconds, perSecond: 300 }),
    lists({ ...page, seconds, perSecond: capacity.donePerSecond * 3 }),
    states({ method: 'POST', path: '/api/flows/', body: '{"name":"changed"}', seconds, perSecond: 10 }),
    lock.released,
  ])
  t.diagnostic(JSON.stringify({ logged, listed, changed }))
  assert.ok(logged.shed > 0, 'there were too many logs')
  assert.ok(listed.shed > 0, 'there were too many lists')
  assert.deepEqual({ ...logged.odd, ...listed.odd, ...changed.odd }, {})
  assert.equal(changed.shed, 0, 'no state change was refused')
})
