import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { HttpConnection } from '../../bench/lib/http-connection.ts'
import { findProxy, howToGet } from '../../scripts/set-up/proxies.mjs'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { startHaproxy, startNginx } from './lib/proxy-process.ts'

/** The times of the shipped files are shortened by the same factor as the server's own. */
const serverKeepsSeconds = process.env['SPILLWAY_SOAK'] === '1' ? 75 : 10
/** It closes a second later than it tells clients. */
const serverClosesSeconds = serverKeepsSeconds + 1
const shippedKeepsSeconds = 75
const shortened = (seconds: number): number => (seconds * serverKeepsSeconds) / shippedKeepsSeconds
const connectionsEach = 100
const spreadMs = 25

const missing = ['nginx', 'haproxy'].filter((name) => findProxy(name) === undefined && process.env['CI'] !== 'true')
const options = missing.length > 0 ? { skip: `${missing.join(' and ')} missing. ${howToGet(missing[0]!)}` } : {}

void test('no request is lost on a connection that has been idle for as long as one side keeps it (C01, G05)', options, async (t) => {
  const server = await startServerProcess(t, {
    SPILLWAY_HOME: temporaryFolder(t),
    PREFECT_SERVER_API_KEEPALIVE_TIMEOUT: String(serverKeepsSeconds),
    SPILLWAY_LIMITS: 'keepAliveLeastMs=1000',
  })
  const direct = Number(new URL(server.url).port)
  const nginx = await startNginx(t, { upstreamPort: direct, tls: false, change: [['keepalive_timeout 60s;', `keepalive_timeout ${shortened(60)}s;`]] })
  const haproxy = await startHaproxy(t, { upstreamPort: direct, tls: false, change: [['timeout http-keep-alive 60s', `timeout http-keep-alive ${shortened(60)}s`]] })
  const idle: [what: string, port: number, seconds: number][] = [
    ['straight to the server, shorter than it says that it keeps connections', direct, serverKeepsSeconds - 2],
    ['through nginx, as long as that keeps them to the server', nginx.port, shortened(60)],
    ['through nginx, as long as the server would keep them', nginx.port, serverClosesSeconds],
    ['through HAProxy, shorter than that keeps them', haproxy.port, shortened(60) - 2],
    ['through HAProxy, as long as the server would keep them', haproxy.port, serverClosesSeconds],
  ]
  const lost = await Promise.all(idle.map(async ([what, port, seconds]) => `${what}: ${await lostAfter(t, port, seconds * 1000)} lost`))
  assert.deepEqual(lost, idle.map(([what]) => `${what}: 0 lost`))
})

/** How many of the connections lose their second request, a POST that nobody may send twice, when they send it so long after the first. */
async function lostAfter(t: { after(work: () => void): void }, port: number, idleMs: number): Promise<number> {
  const lives = Array.from({ length: connectionsEach }, async (_, index) => {
    const connection = new HttpConnection('127.0.0.1', port)
    t.after(() => connection.close())
    // Any answer will do, also that the server is too busy: this is about connections.
    const post = async (): Promise<boolean> => (await connection.request('POST', '/api/flows/filter', '[]')).status > 0
    assert.ok(await post())
    await delay(idleMs + spreadMs * ((2 * index) / connectionsEach - 1))
    return await post().catch(() => false)
  })
  return (await Promise.all(lives)).filter((answered) => !answered).length
}
