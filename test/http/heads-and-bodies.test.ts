/** Heads and bodies that are too big, too many, too deep or of the wrong kind (C03, C04). */
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { test } from 'node:test'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { eventually } from '../faults/eventually.ts'
import { exchange, rawPeer, startHttpTarget, statusesOf } from './lib/http-fault.ts'

const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n`

const heads: readonly (readonly [what: string, headers: string, statuses: readonly number[]])[] = [
  ['a header of 32 KiB', `X-Long: ${'x'.repeat(32_768)}\r\n`, [431]],
  ['3,000 headers', Array.from({ length: 3_000 }, (_, i) => `X-${i}: y\r\n`).join(''), [431]],
  ['a header of NULs', `X-Nul: ${'\0'.repeat(100)}\r\n`, [400]],
  ['a name of NULs', `${'\0'.repeat(100)}: x\r\n`, [400]],
]

test('heads that are too big, too many or no heads are refused, for upgrades too, and the server goes on', async (t) => {
  const server = await startHttpTarget(t)
  for (const [what, headers, statuses] of heads) {
    for (const [path, more] of [['/api/flows/', ''], ['/api/events/out', upgrade]] as const) {
      await t.test(`${what} for ${path}`, async (part) => {
        const received = await exchange(part, server.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}${headers}\r\n`)
        assert.deepEqual(statusesOf(received), statuses)
      })
    }
  }
  await t.test('a request target of 20 KB', async (part) => {
    const received = await exchange(part, server.port, `GET /api/${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    assert.deepEqual(statusesOf(received), [431])
  })
  assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
})

/** How much memory a refusal may cost. What is let in is held once, and given back later than a test can wait for. */
const growthMax = 16 * 1024 * 1024

test('bodies that are too big, packed, endless or too deep are refused early, in little memory, and health does not notice', async (t) => {
  const server = await startHttpTarget(t)
  // The size to which the first large body makes the server's heap grow is no growth by those that are refused.
  assert.equal((await server.post('/api/flows/', `${' '.repeat(7 * 1024 * 1024)}{"name":"warm"}`)).status, 201)
  const head = 'POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  const probing = probeHealth(t, server.url, 5)
  const beforeBytes = server.residentBytes()

  // Told: refused by its length, before a byte of it is there.
  assert.deepEqual(statusesOf(await exchange(t, server.port, `${head}Content-Length: 104857600\r\n\r\n`)), [413])

  // Sent all the same: the server does not take it in.
  const big = rawPeer(t, server.port)
  big.socket.write(`${head}Content-Length: 104857600\r\n\r\n`)
  const megabyte = Buffer.alloc(1024 * 1024, 120)
  for (let i = 0; i < 100 && big.socket.writable; i += 1) await new Promise((resolve) => big.socket.write(megabyte, () => resolve(undefined)))
  await big.ended

  // A megabyte that would be a gigabyte.
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const packed = rawPeer(t, server.port)
  packed.socket.write(`${head}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`)
  packed.socket.write(bomb)
  await eventually(() => statusesOf(packed.received())[0] === 415, 'a 415')
  assert.ok(server.residentBytes() - beforeBytes < growthMax, `grew by ${(server.residentBytes() - beforeBytes) / 1048576} MiB`)
  t.diagnostic(`at first by ${((server.residentBytes() - beforeBytes) / 1048576).toFixed(1)} MiB`)

  // Without a length and without an end: refused once it is over the bound.
  const endless = rawPeer(t, server.port)
  endless.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
  const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`)
  let sent = 0
  while (endless.socket.writable && statusesOf(endless.received()).length === 0 && sent < 64 * 1024 * 1024) {
    await new Promise((resolve) => endless.socket.write(chunk, () => resolve(undefined)))
    sent += chunk.length
  }
  await endless.ended
  assert.ok(sent < 64 * 1024 * 1024, 'the server took no more than a few times its bound')

  const deep = await server.post('/api/flows/', `{"name":"deep","labels":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
  assert.equal(deep.status, 422)
  assert.equal((await fetch(`${server.url}/api/flows/`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a,b' })).status, 422)
  const grownBytes = server.residentBytes() - beforeBytes
  t.diagnostic(`grew by ${(grownBytes / 1048576).toFixed(1)} MiB`)
  // The endless body was held up to its bound of 8 MiB.
  assert.ok(grownBytes < growthMax + 8 * 1024 * 1024, `grew by ${grownBytes / 1048576} MiB`)
  assertHealthy(await probing)
})

test('an upload that is given up half way leaves nothing behind', async (t) => {
  const server = await startHttpTarget(t)
  const peers = Array.from({ length: 100 }, (_, i) => rawPeer(t, server.port, i))
  for (const { socket } of peers) socket.write(`POST /api/logs/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`)
  await eventually(async () => (await server.metric('spillway_http_requests_under_way')) > 100, 'all uploads to be under way')
  for (const { socket } of peers) socket.resetAndDestroy()
  await eventually(async () => (await server.metric('spillway_http_requests_under_way')) === 1, 'nothing but this question to be under way')
  assert.equal(await server.reached('bodiesBytes'), 0)
  assert.equal((await server.post('/api/flows/', { name: 'after' })).status, 201)
})
