import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { chooseSeed, seededRandom } from '../faults/seeded-random.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { numberedEvent } from '../streams-stock/lib/publisher.ts'
import { startChaosProxy, type Chaos, type ChaosProxy } from '../streams/lib/chaos-proxy.ts'
import { ResumingSubscriber } from './lib/resuming-subscriber.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
/** The time that many round trips through a busy machine take. */
const patienceSeconds = 60

/** A server, a proxy that makes trouble, and subscribers behind it. */
async function startTrouble(t: TestContext, subscribers: number): Promise<{ url: string; proxy: ChaosProxy; all: ResumingSubscriber[] }> {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const seed = chooseSeed()
  console.log(`seed ${seed} (SPILLWAY_SEED=${seed} picks the same moments)`)
  const proxy = await startChaosProxy(t, Number(new URL(server.url).port), {}, seededRandom(seed))
  const all = Array.from({ length: subscribers }, () => new ResumingSubscriber(t, proxy.url))
  await eventually(() => all.every((one) => one.connections > 0), 'the subscribers to be there')
  return { url: server.url, proxy, all }
}

/** Publishes numbered events, straight to the server, for about so many seconds. */
async function publish(url: string, count: number, seconds: number): Promise<void> {
  const batch = 20
  const startMs = performance.now()
  for (let first = 0; first < count; first += batch) {
    const body = JSON.stringify(Array.from({ length: batch }, (_, index) => numberedEvent(first + index)))
    const { status } = await fetch(`${url}/api/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    assert.equal(status, 204)
    const dueMs = startMs + (seconds * 1000 * (first + batch)) / count
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())))
  }
}

async function assertEachOnce(all: readonly ResumingSubscriber[], count: number): Promise<void> {
  await eventually(() => all.every((one) => one.got.length >= count), 'all events everywhere', patienceSeconds).catch((error: unknown) => {
    throw new Error(`${String(error)}; they have ${all.map((one) => one.got.length).join(', ')} of ${count}`)
  })
  const numbers = Array.from({ length: count }, (_, n) => n)
  for (const { got, resumes, dropped } of all) {
    assert.deepEqual(got, numbers, 'each event once, in order')
    assert.deepEqual(resumes.filter((answer) => answer !== 'resumed'), [], 'every cursor was good')
    assert.equal(dropped, 0)
  }
}

void test('while all connections are reset five times a second, 10,000 events reach each resuming subscriber once (B05)', async (t) => {
  const events = 10_000
  const { url, proxy, all } = await startTrouble(t, 3)
  let resets = 0
  const resetting = setInterval(() => (resets += proxy.resetAll()), 200)
  t.after(() => clearInterval(resetting))
  await publish(url, events, soak ? 60 : 8)
  await eventually(() => resets > 50 && all.every((one) => one.resumes.length > 5), 'each to have been reset and to have resumed again and again', patienceSeconds)
  clearInterval(resetting)
  await assertEachOnce(all, events)
})

/** As a mesh that drains its proxies, or one whose time-outs are shorter than the streams; times in milliseconds. */
const cuts: readonly [what: string, chaos: Chaos][] = [
  ['at a random moment, by RST', { cutAfterMs: soak ? [1_000, 60_000] : [100, 3_000] }],
  ['at a random moment, by FIN', { cutAfterMs: soak ? [1_000, 60_000] : [100, 3_000], cutBy: 'end' }],
  ['within frames, after some kilobytes', { cutAfterBytes: 20_001, latencyMs: 5, jitterMs: 10 }],
]
// They mostly wait.
describe('connections that are cut', { concurrency: true }, () => {
  for (const [what, chaos] of cuts) {
    void test(`each connection is cut ${what}: nothing is lost, and nothing comes twice (G07)`, async (t) => {
      const events = soak ? 6_000 : 400
      const { url, proxy, all } = await startTrouble(t, 10)
      proxy.set(chaos)
      // Only new connections have a moment at which they are cut.
      proxy.resetAll()
      await publish(url, events, soak ? 120 : 6)
      await eventually(() => proxy.counts().cut >= 20, 'connections to be cut')
      proxy.calm()
      await assertEachOnce(all, events)
    })
  }
})
