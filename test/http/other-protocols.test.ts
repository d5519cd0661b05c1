/** Other protocols on the port, and HTTP/1.1 that can be read in two ways (C14, C15). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange, rawPeer, startHttpTarget, statusesOf } from './lib/http-fault.ts'

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
/** An empty SETTINGS frame. */
const settings = '\0\0\0\x04\0\0\0\0\0'

function frame(type: number, flags: number, stream: number, payload: string): string {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return head.toString('latin1') + payload
}

test('an HTTP/2 preface is refused with a 400 in HTTP/1.1 and the end of the connection', async (t) => {
  const server = await startHttpTarget(t)
  const received = await exchange(t, server.port, preface + settings)
  assert.deepEqual(statusesOf(received), [400])
  assert.match(received, /connection: close/i)
})

test('ten thousand HTTP/2 streams opened and reset after the preface harm nobody', async (t) => {
  const server = await startHttpTarget(t)
  const streams = Array.from({ length: 10_000 }, (_, i) => frame(1, 4, 2 * i + 1, '\x82\x84\x86') + frame(3, 0, 2 * i + 1, '\0\0\0\x08')).join('')
  const peers = Array.from({ length: 20 }, (_, i) => rawPeer(t, server.port, i))
  for (const { socket } of peers) socket.write(preface + settings + streams, 'latin1')
  await Promise.all(peers.map(({ ended }) => ended))
  assert.equal(await server.metric('spillway_malformed_requests_total'), 20)
  assert.equal((await server.post('/api/flows/', { name: 'after' })).status, 201)
})

const offer = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n'

test('an offer to go on in h2c is declined by an answer in HTTP/1.1 that ends the connection, whatever comes with it', async (t) => {
  const server = await startHttpTarget(t)
  // A client that waits for the answer, and one that goes on in HTTP/2 without looking at it.
  for (const sent of [offer, offer + preface + settings]) {
    const received = await exchange(t, server.port, sent)
    assert.deepEqual(statusesOf(received), [200])
    assert.doesNotMatch(received, /^upgrade:/im)
    assert.match(received, /^connection: close/im)
  }
})

test('a TLS hello is refused', async (t) => {
  const server = await startHttpTarget(t)
  assert.deepEqual(statusesOf(await exchange(t, server.port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')), [400])
})

const body = '{"name":"smuggled"}'
/** What the next in line might take for a second request. */
const hidden = 'GET /api/admin/version HTTP/1.1\r\nHost: localhost\r\n\r\n'

const ambiguous = [
  ['a length and chunks', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['chunks and a length', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: ${body.length}\r\n\r\n0\r\n\r\n${hidden}`],
  ['two lengths', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nContent-Length: 3\r\n\r\n${body}${hidden}`],
  ['the same length twice', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nContent-Length: ${body.length}\r\n\r\n${body}${hidden}`],
  ['a length with a sign', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: +${body.length}\r\n\r\n${body}${hidden}`],
  ['chunks under a false name', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a space before the colon', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a chunk size that is none', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['line ends without CR', `POST /api/flows/ HTTP/1.1\nHost: localhost\nContent-Length: ${body.length}\n\n${body}${hidden}`],
  ['a folded header', `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\nContent-Length: ${body.length}\r\n\r\n${body}${hidden}`],
  ['no host', `GET /api/health HTTP/1.1\r\n\r\n${hidden}`],
] as const

test('a request that can be read in two ways is answered 400 once, and the connection closed with what was hidden behind it unread', async (t) => {
  const server = await startHttpTarget(t)
  for (const [what, request] of ambiguous) {
    await t.test(what, async (part) => {
      const received = await exchange(part, server.port, request)
      assert.deepEqual(statusesOf(received), [400])
      assert.match(received, /connection: close/i)
    })
  }
  assert.equal((await fetch(`${server.url}/api/flows/name/smuggled`)).status, 404)
  assert.equal(await server.metric('spillway_malformed_requests_total'), ambiguous.length - 1) // HTTP/1.1 without a host is well-formed, and refused by Node.
})
