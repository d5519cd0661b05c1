/** The system's clock is set forward and back by an hour while the server runs (H11). */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { findFaketime } from '../../scripts/set-up/faketime.mjs'
import { eventually } from '../faults/eventually.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { startFaultServer } from '../streams/lib/fault-server.ts'
import { startHealthySubscribers } from '../streams/lib/healthy.ts'
import { cannotRunPeers, startPeers } from '../streams/lib/peers.ts'
import { everyEvent, Publisher } from '../streams/lib/publisher.ts'
import { ServerGauges } from '../streams/lib/server-gauges.ts'

const library = findFaketime()
const skip = cannotRunPeers || (library === undefined && 'needs libfaketime')
const hourMs = 3_600_000
const headers = { 'content-type': 'application/json' }

async function post<T>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.ok(answer.ok, `${url} answered ${answer.status}`)
  return (await answer.json()) as T
}

test('a clock that jumps an hour forward and back ends no stream, stops no service, mixes up no order and fires no schedule twice', { skip }, async (t) => {
  const clock = path.join(temporaryFolder(t), 'clock')
  writeFileSync(clock, '+0')
  const server = await startFaultServer(t, {
    env: {
      LD_PRELOAD: library!,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_CACHE_DURATION: '1',
      PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS: '1',
      PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS: '1',
    },
  })
  const gauges = new ServerGauges(t, server.child.pid!, server.url)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server, { count: 20 })
  const flow = await post<{ id: string }>(`${server.url}/api/flows/`, { name: 'clock' })
  const schedule = { schedule: { interval: 1_800, anchor_date: '2026-01-01T00:00:00Z' }, active: true }
  const deployment = await post<{ id: string }>(`${server.url}/api/deployments/`, { name: 'clock', flow_id: flow.id, schedules: [schedule] })
  const rounds = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/api/metrics`)).text()
    return Number(/^spillway_service_seconds_count\{service="scheduler",outcome="done"\} (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  const peers = await startPeers(t, server.url)
  for (const [offset, seconds] of [['+3600', 3_600], ['-3600', -3_600], ['+0', 0]] as const) {
    writeFileSync(clock, offset)
    const differenceMs = async (): Promise<number> =>
      new Date((await fetch(`${server.url}/api/health`)).headers.get('date') ?? 0).getTime() - Date.now() - seconds * 1000
    await eventually(async () => Math.abs(await differenceMs()) < hourMs / 2, `the server's clock to be at ${offset}`, 20)
    const startedMs = performance.now()
    const before = await rounds()
    // From before the events of this hour on: what comes then is theirs, whatever the clock says.
    const resumed = await peers.dial({ group: `resumed ${offset}`, count: 1, path: '/api/events/out', first: everyEvent, record: true })
    assert.deepEqual(resumed.stages, { open: 1 })
    const published = publisher.acknowledged.length
    await publisher.publish({ count: 40, perSecond: 100 })
    await eventually(async () => (await peers.report(`resumed ${offset}`)).received === 40, 'the events of this hour', 20)
    const cursor = (await peers.histories(`resumed ${offset}`))[0]?.cursor
    await publisher.publish({ count: 10, perSecond: 100 })
    // A cursor counts events and not time.
    await peers.dial({ group: `cursor ${offset}`, count: 1, path: '/api/events/out', first: { ...everyEvent, cursor }, record: true })
    await eventually(async () => (await peers.report(`cursor ${offset}`)).received === 10, 'the events behind the cursor', 20)
    assert.deepEqual((await peers.histories(`cursor ${offset}`))[0]?.numbers, publisher.acknowledged.slice(published + 40))
    // Timers go on at their pace: neither not at all nor all at once.
    await eventually(async () => (await rounds()) >= before + 3, 'three rounds of the scheduler', 20)
    const came = (await rounds()) - before
    const elapsedSeconds = (performance.now() - startedMs) / 1000
    assert.ok(came < 10 + 3 * elapsedSeconds, `${came} rounds of the scheduler in ${elapsedSeconds} s`)
    await peers.forget(`resumed ${offset}`)
    await peers.forget(`cursor ${offset}`)
  }
  await healthy.assertGotAll(publisher)
  assert.equal((await gauges.scrape()).sum('spillway_websocket_closes_total', { reason: 'ping-timeout' }), 0)
  const runs = await post<{ expected_start_time: string }[]>(`${server.url}/api/flow_runs/filter`, { deployments: { id: { any_: [deployment.id] } }, limit: 200 })
  const times = runs.map((run) => run.expected_start_time)
  assert.ok(times.length > 2)
  assert.equal(new Set(times).size, times.length, 'no date has two runs')
})
