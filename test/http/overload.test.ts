/** Three times as many requests as the server can do (C07). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, endPart, startPart } from '../../bench/lib/process.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
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

/**
 * Creates a run with 60 KB of parameters. A refusal costs what any answer in HTTP costs; four fifths are left for the rest only where
 * that is little beside the work itself, and where the generator of the flood does not fill the machine by itself.
 */
async function creation(server: HttpTarget): Promise<{ method: string; path: string; body: string }> {
  const flow = (await (await server.post('/api/flows/', { name: 'overload' })).json()) as { id: string }
  const body = { flow_id: flow.id, parameters: { words: Array.from({ length: 1_200 }, (_, i) => `word-${i}-${'x'.repeat(40)}`) }, state: { type: 'PENDING', name: 'Pending' } }
  return { method: 'POST', path: '/api/flow_runs/', body: JSON.stringify(body) }
}

test('at three times its capacity the server does four fifths of it, refuses the rest with a time to wait, and is back at once', async (t) => {
  const server = await startHttpTarget(t)
  const flood = startFlood(t, server)
  const create = await creation(server)
  await flood({ ...create, seconds: 1, callers: 32 }) // Compiled code, warm caches.
  const before = await flood({ ...create, seconds: measureSeconds, callers: 32 })
  const alone = await flood({ ...create, seconds: 1, callers: 1 })
  const [under, health] = await Promise.all([
    flood({ ...create, seconds: floodSeconds, perSecond: before.donePerSecond * 3 }),
    probeHealth(t, server.url, floodSeconds),
  ])
  // What the flood left behind may take two seconds; then one caller is served as it was before.
  await flood({ method: 'GET', path: '/api/health', seconds: 2, callers: 1 })
  const afterwards = await flood({ ...create, seconds: 1, callers: 1 })
  const again = await flood({ ...create, seconds: measureSeconds, callers: 32 })
  const capacity = Math.min(before.donePerSecond, again.donePerSecond)
  console.log(JSON.stringify({ before: before.donePerSecond, again: again.donePerSecond, under, health }))

  assert.deepEqual(under.odd, {}, 'every request was done or refused in words')
  assert.ok(under.shed > 0, 'it was an overload')
  assert.ok(under.donePerSecond >= 0.8 * capacity, `${under.donePerSecond}/s of ${capacity}/s were done`)
  assertHealthy(health, 10)
  // At once: at most what a probe of the health takes at such a time, or 50 ms.
  const allowedMs = Math.max(50, 5 * health.bare.latencies.p99, 5 * health.spillway.latencies.p50)
  assert.ok(under.shedMs.p50 <= allowedMs, `half of the refusals took more than ${under.shedMs.p50} ms; allowed: ${allowedMs}`)
  assert.deepEqual(afterwards.odd, {})
  assert.equal(afterwards.shed, 0)
  assert.ok(afterwards.doneMs.p50 < 5 * alone.doneMs.p50 + 20, `${afterwards.doneMs.p50} ms after, ${alone.doneMs.p50} ms before`)
  assert.equal(await server.metric('spillway_http_requests_waiting{class="state"}'), 0)
})

test('a flood of logs and of lists is refused before any state change is', async (t) => {
  // Few places, so that the flood need not be large to be one.
  const server = await startHttpTarget(t, { writerRequests: 8, scanRequests: 2, queueAgeMs: 200, queueAgeForMs: 100 })
  const [logs, lists, states] = [startFlood(t, server), startFlood(t, server), startFlood(t, server)]
  const create = await creation(server)
  await states({ ...create, seconds: 2, callers: 8 })
  const line = { name: 'x', level: 20, message: 'm'.repeat(300), timestamp: '2026-01-01T00:00:00Z' }
  const seconds = soak ? 30 : 6
  const [logged, listed, changed] = await Promise.all([
    logs({ method: 'POST', path: '/api/logs/', body: JSON.stringify(Array(300).fill(line)), seconds, perSecond: 400 }),
    lists({ method: 'POST', path: '/api/flow_runs/filter', body: '{"limit":200}', seconds, perSecond: 200 }),
    states({ ...create, seconds, perSecond: 20 }),
  ])
  console.log(JSON.stringify({ logged, listed, changed }))
  assert.ok(logged.shed > 0 && listed.shed > 0)
  assert.deepEqual({ ...logged.odd, ...listed.odd, ...changed.odd }, {})
  assert.equal(changed.shed, 0, 'no state change was refused')
  assert.ok(changed.done >= 20 * seconds * 0.9)
})
