import assert from 'node:assert/strict'
import test from 'node:test'
import { freePort } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { Publisher } from './lib/publisher.ts'
import { RawSubscribers } from './lib/raw-subscribers.ts'
import { RestartableServer } from './lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from './lib/subscribers.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const processes = 3
const each = 100
const stockCount = processes * each
const rawCount = 2_000
/** By themselves they give up about 8 s after the first refused dial, which is a matter of how soon a busy machine starts a server. */
const attempts = 60
/** Each goes to all: few are enough to see a loss, and many would measure the machine. */
const everyMs = soak ? 200 : 400

// Health is probed on the listener of its own: on the API's port a probe would stand in one queue with the dials; what is asked of the
// loop is the same on both.

async function startProcesses(t: { after(work: () => unknown): void }, apiUrl: string): Promise<StockSubscribers[]> {
  const parts: StockSubscribers[] = []
  for (let n = 0; n < processes; n += 1) parts.push(await StockSubscribers.start(t, apiUrl))
  return parts
}

test(`${stockCount} stock subscribers that dial at once in ${processes} processes are all taken, and lose nothing in a restart`, async (t) => {
  const healthPort = await freePort()
  const server = await RestartableServer.start(t, { SPILLWAY_HEALTH_LISTEN: `127.0.0.1:${healthPort}` })
  const parts = await startProcesses(t, server.apiUrl)
  const health = probeHealth(t, `http://127.0.0.1:${healthPort}`, 5)
  const dialledMs = performance.now()
  for (const part of parts) part.dial('events', { count: each, attempts })
  await Promise.all(parts.map((part) => part.opened(180_000)))
  const dialsMs = performance.now() - dialledMs
  assertHealthy(await health)
  const publisher = new Publisher(t, server.apiUrl, { everyMs })
  publisher.start()
  await eventually(() => publisher.acknowledged.length >= 5, 'events before the restart')
  await server.stop('SIGTERM')
  await server.start()
  await backAgain(server, stockCount, parts)
  const mark = publisher.acknowledged.length
  await eventually(() => publisher.acknowledged.length >= mark + 5, 'events after the restart')
  await publisher.stop()
  await Promise.all(parts.map((part) => part.complete(publisher.acknowledged.length, each, 60_000)))
  for (const part of parts) assertAllGiven(await part.report(), publisher.acknowledged)
  console.log(JSON.stringify({ dialsMs: Math.round(dialsMs), health: await health }))
})

test(`${rawCount} resuming and ${stockCount} stock subscribers are back within 30 s after kill -9, and have lost nothing`, async (t) => {
  const healthPort = await freePort()
  const server = await RestartableServer.start(t, { SPILLWAY_HEALTH_LISTEN: `127.0.0.1:${healthPort}` })
  const parts = await startProcesses(t, server.apiUrl)
  const raw = RawSubscribers.start(t, server.url)
  await raw.dial(rawCount)
  for (const part of parts) part.dial('events', { count: each, attempts })
  await Promise.all(parts.map((part) => part.opened(180_000)))
  const publisher = new Publisher(t, server.apiUrl, { everyMs })
  publisher.start()
  await eventually(() => publisher.acknowledged.length >= 5, 'events before the kill')

  await server.stop('SIGKILL')
  await server.start()
  const startedMs = performance.now()
  const health = probeHealth(t, `http://127.0.0.1:${healthPort}`, 15)
  await backAgain(server, rawCount + stockCount, parts)
  const backMs = performance.now() - startedMs
  assert.ok(backMs < 30_000, `all were back only after ${Math.round(backMs)} ms`)
  assertHealthy(await health)

  const mark = publisher.acknowledged.length
  await eventually(() => publisher.acknowledged.length >= mark + 5, 'events after the kill')
  await publisher.stop()
  await Promise.all(parts.map((part) => part.complete(publisher.acknowledged.length, each, 60_000)))
  for (const part of parts) assertAllGiven(await part.report(), publisher.acknowledged)
  const { handshakes, ...report } = await raw.complete(publisher.acknowledged.length, 60_000)
  assert.deepEqual(report, { subscribers: rawCount, incomplete: [], twice: 0, outOfOrder: 0, impossible: 0 })
  console.log(JSON.stringify({ backMs: Math.round(backMs), handshakes, health: await health }))
})

async function backAgain(server: RestartableServer, count: number, parts: readonly StockSubscribers[]): Promise<void> {
  let open = 0
  const areBack = async (): Promise<boolean> => (open = await server.openStreams('events-out')) >= count
  await eventually(areBack, 'the subscribers to be back', 60).catch(() => {
    const ended = parts.flatMap(({ part }) => part.soFar((line) => 'ended' in line))
    assert.fail(`${open} of ${count} are back after a minute; those that gave up: ${JSON.stringify(ended)}`)
  })
}
