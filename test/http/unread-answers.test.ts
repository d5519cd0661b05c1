/** Clients that ask for much and read nothing (C06). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { rawPeer, soak, startHttpTarget } from './lib/http-fault.ts'

const stallMs = soak ? 30_000 : 4_000
const pageBytes = 5_000_000
const mebibyte = 1024 * 1024

test('200 clients that ask for pages of 5 MB and never read are dropped, and their memory is bounded until then', async (t) => {
  const answersBytes = 128 * mebibyte
  // 200 pages at once take their time: none of them is to be refused for that.
  const server = await startHttpTarget(t, { responseStallMs: stallMs, answersBytes, queueAgeMs: 120_000, requestWaitMs: 120_000 })
  const line = { name: 'x', level: 20, message: 'm'.repeat(100_000), timestamp: '2026-01-01T00:00:00Z' }
  assert.equal((await server.post('/api/logs/', Array(pageBytes / 100_000).fill(line))).status, 201)
  const before = server.residentBytes()
  const startedMs = performance.now()
  const peers = Array.from({ length: 200 }, (_, i) => {
    const peer = rawPeer(t, server.port, i)
    peer.socket.pause()
    // Twice on one connection: the second answer must not be made while the first is unread.
    const request = 'POST /api/logs/filter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}'
    peer.socket.write(request + request)
    return peer
  })
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, server.residentBytes())), 50)
  const health = probeHealth(t, server.url, Math.min(20, Math.ceil(stallMs / 1000) + 4))
  const dropped = async (): Promise<number> => (await server.reached('responseStallMs')) + (await server.reached('answersBytes'))
  await eventually(async () => (await dropped()) >= 200, 'all of them to be dropped', stallMs / 1000 + 60)
  clearInterval(watch)
  assertHealthy(await health, 10)
  // Half of each page and more is in the kernel; what is left here has the bound, and is there once more while it is made.
  assert.ok(peak - before < 2 * answersBytes + 100 * mebibyte, `grew by ${Math.round((peak - before) / mebibyte)} MiB`)
  for (const { socket } of peers) socket.resume()
  await Promise.all(peers.map(({ ended }) => ended))
  assert.ok(performance.now() - startedMs < stallMs + 75_000)
  await eventually(async () => (await server.metric('spillway_http_requests_under_way')) === 1, 'nothing to be left')
  const answer = await server.post('/api/logs/filter', { limit: 1 })
  assert.equal(answer.status, 200)
})
