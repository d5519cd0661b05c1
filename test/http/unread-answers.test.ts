/** Clients that ask for much and read nothing (C06). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { rawPeer, soak, startHttpTarget } from './lib/http-fault.ts'

const stallMs = soak ? 30_000 : 4_000
const pageBytes = 5_000_000
/** Making a page takes longer than not reading it. */
const clients = soak ? 200 : 60
const mebibyte = 1024 * 1024

test(`${clients} clients that ask for pages of 5 MB and never read are dropped, and their memory is bounded until then`, async (t) => {
  const answersBytes = (soak ? 128 : 64) * mebibyte
  // So many pages at once take their time: none of them is to be refused for that.
  const server = await startHttpTarget(t, { responseStallMs: stallMs, answersBytes, queueAgeMs: 100_000_000, requestWaitMs: 600_000 })
  const line = { name: 'x', level: 20, message: 'm'.repeat(100_000), timestamp: '2026-01-01T00:00:00Z' }
  assert.equal((await server.post('/api/logs/', Array(pageBytes / 100_000).fill(line))).status, 201)
  const before = server.residentBytes()
  const peers = Array.from({ length: clients }, (_, i) => {
    const peer = rawPeer(t, server.port, i)
    peer.socket.pause()
    const request = 'POST /api/logs/filter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}'
    // Some ask again before they have read: their second answer waits behind the first.
    peer.socket.write(i % 10 === 0 ? request + request : request)
    return peer
  })
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, server.residentBytes())), 50)
  const health = probeHealth(t, server.url, Math.min(20, Math.ceil(stallMs / 1000) + 4))
  const dropped = async (): Promise<number> => (await server.reached('responseStallMs')) + (await server.reached('answersBytes'))
  await eventually(async () => (await dropped()) >= clients, 'all of them to be dropped', stallMs / 1000 + 120)
  clearInterval(watch)
  assertHealthy(await health, 10)
  // A page for each at most, and once more while it is made.
  assert.ok(peak - before < 2 * clients * pageBytes + 100 * mebibyte, `grew by ${Math.round((peak - before) / mebibyte)} MiB`)
  for (const { socket } of peers) socket.resume()
  await Promise.all(peers.map(({ ended }) => ended))
  await eventually(async () => (await server.metric('spillway_http_requests_under_way')) === 1, 'nothing to be left')
  const answer = await server.post('/api/logs/filter', { limit: 1 })
  assert.equal(answer.status, 200)
})
