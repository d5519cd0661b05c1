import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { lastLines } from '../compat/last-lines.ts'
import { runScript } from '../compat/scripts.ts'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from '../streams-stock/lib/subscribers.ts'
import { startHaproxy, startNginx, testBehind, type ProxyProcess } from './lib/proxy-process.ts'

interface FlowCase {
  proxy: 'nginx' | 'haproxy'
  what: string
  script: string
  version: string
  path?: string
  /** Settings of the client; the proxy's certificate is its own authority. */
  client(proxy: ProxyProcess): Record<string, string>
}

const checksCertificate = (proxy: ProxyProcess): Record<string, string> => ({ PREFECT_API_SSL_CERT_FILE: proxy.certificateFile, SSL_CERT_FILE: proxy.certificateFile })
const skipsCertificate = (): Record<string, string> => ({ PREFECT_API_TLS_INSECURE_SKIP_VERIFY: 'true' })

const cases: readonly FlowCase[] = [
  { proxy: 'nginx', what: 'with its certificate', script: 'task_runs', version: '3.8.8', client: checksCertificate },
  { proxy: 'haproxy', what: 'without checking its certificate', script: 'task_runs', version: '3.8.8', client: skipsCertificate },
  { proxy: 'nginx', what: 'below a base path', script: 'plain_flow', version: '3.8.8', path: '/team/api', client: checksCertificate },
]

describe('stock flows behind proxies', { concurrency: 2 }, () => {
  for (const { proxy: name, what, script, version, path = '/api', client } of cases) {
    testBehind(name, `the stock client runs ${script} over TLS through ${name}, ${what}`, async (t) => {
      const server = await RestartableServer.start(t, { SPILLWAY_TRUSTED_PROXIES: 'loopback', PREFECT_SERVER_API_BASE_PATH: path })
      const proxy = await (name === 'nginx' ? startNginx : startHaproxy)(t, { upstreamPort: Number(new URL(server.url).port) })
      const run = await runScript({ name: script, apiUrl: `https://localhost:${proxy.port}${path}`, prefectVersion: version, env: client(proxy) })
      assert.ok(run.ok, lastLines(run.output, 60))
    })
  }

  testBehind('haproxy', 'a restart of the server behind HAProxy costs stock subscribers no event and no stream', async (t) => {
    const server = await RestartableServer.start(t)
    const proxy = await startHaproxy(t, { upstreamPort: Number(new URL(server.url).port), tls: false })
    const stock = await StockSubscribers.start(t, `${proxy.url}/api`)
    await stock.open('events', { count: 3 })
    const publisher = new Publisher(t, `${proxy.url}/api`, { everyMs: 50 })
    publisher.start()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const mark = publisher.acknowledged.length
      await eventually(() => publisher.acknowledged.length >= mark + 20, 'events before the restart')
      await server.stop(signal)
      await delay(500)
      await server.start()
      await eventually(async () => (await server.openStreams('events-out')) === 3, 'the subscribers to be back', 20)
    }
    const mark = publisher.acknowledged.length
    await eventually(() => publisher.acknowledged.length >= mark + 20, 'events after the restarts')
    await publisher.stop()
    await stock.complete(publisher.acknowledged.length, 3)
    assertAllGiven(await stock.report(), publisher.acknowledged)
  })
})
