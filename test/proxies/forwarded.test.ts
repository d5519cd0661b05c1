import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { numberedEvent } from '../streams-stock/lib/publisher.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../server/server-process.ts'
import { callThrough, openThrough, upgradeThrough } from './lib/clients.ts'
import { startHaproxy, startNginx, testBehind, type ProxyOptions, type ProxyProcess } from './lib/proxy-process.ts'

const json = { 'content-type': 'application/json' }
/** What a client would like to be taken for, and where it would like links to lead. */
const madeUp = {
  'x-forwarded-for': '203.0.113.66',
  'x-forwarded-proto': 'gopher',
  'x-forwarded-host': 'attacker.example',
  'x-forwarded-prefix': '/elsewhere',
  forwarded: 'for=203.0.113.66;host=attacker.example;proto=http',
}

/** The lines that a prefix needs are in the shipped files, as comments. */
const proxies: readonly [name: 'nginx' | 'haproxy', start: typeof startNginx, withPrefix: NonNullable<ProxyOptions['change']>][] = [
  ['nginx', startNginx, [[/^( {4})#(?=location|    |\})/, '$1']]],
  ['haproxy', startHaproxy, [[/^( {4})#(?=http-request)/, '$1']]],
]

async function startBehind(t: { after(work: () => unknown): void }, start: typeof startNginx, env: Record<string, string>, change: ProxyOptions['change'] = []): Promise<[ServerProcess, ProxyProcess]> {
  const server = await startServerProcess(t, {
    SPILLWAY_HOME: temporaryFolder(t),
    SPILLWAY_ALLOWED_HOSTS: 'flows.example',
    PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG',
    ...env,
  })
  return [server, await start(t, { upstreamPort: Number(new URL(server.url).port), change })]
}

/** The address of a whole next page, as the client behind the proxy is told it. */
async function nextPage(proxy: ProxyProcess, path: string): Promise<string> {
  const body = JSON.stringify({ filter: { event: { prefix: ['stock.'] } }, limit: 1 })
  const { status, body: text } = await callThrough(proxy, 'POST', path, { headers: { ...json, ...madeUp, host: 'flows.example' }, body })
  assert.equal(status, 200, text)
  return (JSON.parse(text) as { next_page: string }).next_page
}

describe('forwarded headers and prefixes', { concurrency: 2 }, () => {
  for (const [name, start, withPrefix] of proxies) {
    testBehind(name, `behind ${name}, with a prefix taken away or none, links and logs have what the client sees, and nothing that it makes up (G09)`, async (t) => {
      const [server, proxy] = await startBehind(t, start, { SPILLWAY_TRUSTED_PROXIES: '127.0.0.9' }, [
        ...upstreamFrom(name, '127.0.0.9'),
        ...withPrefix,
      ])
      const body = JSON.stringify([numberedEvent(1), numberedEvent(2)])
      const posted = await callThrough(proxy, 'POST', '/api/events', { headers: { ...json, ...madeUp, 'x-request-id': 'made-up' }, body })
      assert.equal(posted.status, 204)
      for (const prefix of ['', '/team']) {
        const next = await nextPage(proxy, `${prefix}/api/events/filter`)
        assert.ok(next.startsWith(`https://flows.example${prefix}/api/events/filter/next?`), next)
        const redirect = await callThrough(proxy, 'GET', `${prefix}/api/health/`, { headers: { ...madeUp, host: 'flows.example:8443' } })
        assert.equal(redirect.headers['location'], `https://flows.example:8443${prefix}/api/health`)
        await openThrough(t, proxy, `${prefix}/api/events/out`)
      }
      const line = (): string | undefined => server.stderr().split('\n').find((text) => text.includes('"requestId":"made-up"'))
      await eventually(() => line() !== undefined, 'the request in the log')
      assert.equal((JSON.parse(line()!) as { client: string }).client, '127.0.0.1')
    })

    testBehind(name, `${name} may keep a prefix that the server knows as its base path`, async (t) => {
      const [, proxy] = await startBehind(t, start, { SPILLWAY_TRUSTED_PROXIES: 'loopback', PREFECT_SERVER_API_BASE_PATH: '/team/api' })
      const body = JSON.stringify([numberedEvent(1), numberedEvent(2)])
      assert.equal((await callThrough(proxy, 'POST', '/team/api/events', { headers: json, body })).status, 204)
      assert.match(await nextPage(proxy, '/team/api/events/filter'), /^https:\/\/flows\.example\/team\/api\/events\/filter\/next\?/)
      await openThrough(t, proxy, '/team/api/events/out')
      assert.equal((await callThrough(proxy, 'GET', '/api/health')).status, 404)
      assert.equal((await upgradeThrough(proxy, '/api/events/out')).status, 403)
    })
  }
})

/** Lets a proxy dial the server from another address of loopback than its clients come from. */
function upstreamFrom(name: 'nginx' | 'haproxy', address: string): NonNullable<ProxyOptions['change']> {
  return name === 'nginx'
    ? [['proxy_http_version 1.1;', `proxy_http_version 1.1; proxy_bind ${address};`]]
    : [[/(server spillway \S+)/, `$1 source ${address}`]]
}
