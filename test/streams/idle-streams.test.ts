import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const endpoints: readonly { path: string; first?: object }[] = [
  { path: '/api/events/in' },
  { path: '/api/events/out', first: everyEvent },
  { path: '/api/logs/out', first: { type: 'filter', filter: {} } },
  { path: '/api/task_runs/subscriptions/scheduled', first: { type: 'subscribe', keys: ['idle'], client_id: 'idle' } },
]

/** Fault A27. A proxy in between cuts what is silent for a minute; only traffic that comes from the server resets its clock. */
test('the server pings every kind of idle stream at each interval, and none of them ends', { skip: cannotRunPeers }, async (t) => {
  const pingSeconds = durations(1, 20)
  const rounds = durations(5, 30)
  const server = await startFaultServer(t, { pingSeconds, pongSeconds: pingSeconds * 2 })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  for (const { path, first } of endpoints) {
    const { stages } = await peers.dial({ group: path, count: 20, path, ...(first && { first }) })
    assert.deepEqual(stages, { open: 20 }, path)
  }
  const dialledMs = performance.now()
  const leastPings = async () => {
    const pings = await Promise.all(endpoints.map(async ({ path }) => (await peers.histories(path)).map((peer) => peer.server_pings)))
    return Math.min(...pings.flat())
  }
  await eventually(async () => (await leastPings()) >= rounds, `${rounds} pings to each`, (rounds + 2) * pingSeconds + 5)
  const secondsEach = (performance.now() - dialledMs) / 1000 / rounds
  for (const { path } of endpoints) assert.deepEqual((await peers.report(path)).stages, { open: 20 }, path)
  for (const { path } of endpoints) await peers.forget(path)
  t.diagnostic(JSON.stringify({ secondsEach }))
  await watch.end()
})
