import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { numberedEvent } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { eventually } from '../faults/eventually.ts'
import { EventStream, type StreamEvent } from './lib/event-stream.ts'
import { startHaproxy, startNginx, testBehind, type ProxyOptions } from './lib/proxy-process.ts'

const filter = encodeURIComponent(JSON.stringify({ event: { prefix: ['stock.'] } }))
const path = `/api/spillway/events/stream?filter=${filter}`

const proxies: readonly [name: 'nginx' | 'haproxy', start: typeof startNginx, idleLimit: NonNullable<ProxyOptions['change']>][] = [
  ['nginx', startNginx, [['proxy_read_timeout    75s', 'proxy_read_timeout 5s']]],
  ['haproxy', startHaproxy, [['timeout server          75s', 'timeout server 5s']]],
]

const numbersOf = (events: readonly StreamEvent[]): number[] => events.map(({ data }) => ((data as { event?: object }).event ?? data) as { payload: { n: number } }).map(({ payload }) => payload.n)

describe('server-sent events', { concurrency: 2 }, () => {
  for (const [name, start, change] of proxies) {
    testBehind(name, `through ${name} as it is shipped, each event comes when it happens, an idle stream lives, and Last-Event-ID resumes (G04)`, async (t) => {
      const server = await RestartableServer.start(t, { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '2' })
      const proxy = await start(t, { upstreamPort: Number(new URL(server.url).port), change })
      const publish = async (...numbers: number[]): Promise<void> => {
        const body = JSON.stringify(numbers.map((n) => numberedEvent(n)))
        assert.equal((await fetch(`${server.apiUrl}/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status, 204)
      }
      const stream = await EventStream.open(t, proxy, path)
      assert.equal(stream.response.statusCode, 200)
      assert.match(String(stream.response.headers['content-type']), /^text\/event-stream/)
      assert.match(String(stream.response.headers['cache-control']), /no-store/)
      // One small event, and the stream goes on: a proxy that buffers would hold it back for ever.
      await publish(1)
      assert.deepEqual(numbersOf(await stream.all('event', 1)), [1])
      // Longer than the proxy lets a silent answer live.
      await delay(7_000)
      await eventually(() => stream.comments >= 2, 'signs of life')
      await publish(2)
      const seen = await stream.all('event', 2)
      assert.deepEqual(numbersOf(seen), [1, 2])
      stream.close()

      await publish(3, 4, 5)
      const again = await EventStream.open(t, proxy, path, { 'last-event-id': seen[1]!.id! })
      assert.deepEqual(numbersOf(await again.all('event', 3)), [3, 4, 5])
      assert.equal((again.events.find(({ type }) => type === 'resume')?.data as { status: string } | undefined)?.status, 'resumed')
    })
  }
})
