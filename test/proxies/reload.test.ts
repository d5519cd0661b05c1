import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { RetryingClient } from '../faults/retrying-client.ts'
import { Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { startNginx, testBehind } from './lib/proxy-process.ts'
import { ResumingSubscriber } from './lib/resuming-subscriber.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const streams = 500
const callsPerSecond = 200
const reloads = soak ? 12 : 3
const reloadEveryMs = 5_000

testBehind('nginx', `${reloads} reloads of nginx under ${streams} streams and ${callsPerSecond} calls a second: no call fails, no event is lost (G08)`, async (t) => {
  const server = await RestartableServer.start(t)
  const proxy = await startNginx(t, {
    upstreamPort: Number(new URL(server.url).port),
    tls: false,
    change: [['worker_shutdown_timeout 30s', 'worker_shutdown_timeout 2s'], ['worker_processes auto', 'worker_processes 1']],
  })
  const all = Array.from({ length: streams }, () => new ResumingSubscriber(t, proxy.url))
  await eventually(async () => (await server.openStreams('events-out')) === streams, 'the streams to be open', 60)
  const publisher = new Publisher(t, server.apiUrl, { everyMs: 200 })
  publisher.start()
  const calls = callAtRate(t, `${proxy.url}/api`)
  const before = all.reduce((sum, one) => sum + one.connections, 0)
  for (let round = 0; round < reloads; round += 1) {
    await delay(reloadEveryMs)
    await proxy.reload()
  }
  await eventually(() => all.every((one) => one.connections > 1), 'every stream to have moved to a new worker', 30)
  const { made, failed } = await calls.stop()
  await publisher.stop()
  await eventually(() => all.every((one) => one.got.length >= publisher.acknowledged.length), 'all events at all streams', 30)

  assert.deepEqual(failed, [])
  assert.ok(made > 100, `${made} calls`)
  assert.ok(all.reduce((sum, one) => sum + one.connections, 0) >= before + streams)
  for (const { got, resumes } of all) {
    assert.deepEqual(got, publisher.acknowledged)
    assert.deepEqual(resumes.filter((answer) => answer !== 'resumed'), [])
  }
})

/** Idempotent calls at an even rate, each with the retries of the stock client; as many as the machine lets through. */
function callAtRate(t: { after(work: () => void): void }, apiUrl: string): { stop(): Promise<{ made: number; failed: string[] }> } {
  const client = new RetryingClient(apiUrl)
  const underWay = new Set<Promise<void>>()
  const failed: string[] = []
  let made = 0
  const one = async (): Promise<void> => {
    made += 1
    const [method, path, body] = made % 2 === 0 ? (['POST', '/flows/', { name: 'same' }] as const) : (['POST', '/flows/filter', { limit: 1 }] as const)
    try {
      const { status } = await client.call(method, path, body)
      if (status >= 300) failed.push(`${path} ${status}`)
    } catch (error) {
      failed.push(`${path} ${String(error)}`)
    }
  }
  const timer = setInterval(() => {
    // A machine that is behind gets no more on top.
    if (underWay.size >= callsPerSecond) return
    const call = one()
    underWay.add(call)
    void call.finally(() => underWay.delete(call))
  }, 1000 / callsPerSecond)
  t.after(() => {
    clearInterval(timer)
    client.close()
  })
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      return { made, failed }
    },
  }
}
