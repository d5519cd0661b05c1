import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { rawConnection, rawRequest, startTestServer } from './in-process.ts'

/** What an attacker wants to slip past a proxy that reads the first request differently. */
const second = 'GET /api/admin/version HTTP/1.1\r\nHost: localhost\r\n\r\n'
const post = 'POST /api/flows/filter HTTP/1.1\r\nHost: localhost\r\n'

/** Requests that two readers can take apart differently (fault C15). */
const ambiguous: readonly (readonly [what: string, request: string])[] = [
  ['a length, and chunks', `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks, and a length', `${post}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
  ['the same length twice', `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
  ['a list of lengths', `${post}Content-Length: 2, 2\r\n\r\n{}`],
  ['a length with a plus', `${post}Content-Length: +2\r\n\r\n{}`],
  ['a negative length', `${post}Content-Length: -2\r\n\r\n{}`],
  ['a hexadecimal length', `${post}Content-Length: 0x2\r\n\r\n{}`],
  ['a space before the colon', `${post}Content-Length : 2\r\n\r\n{}`],
  ['bare line feeds', `${post}Content-Length: 2\r\n\r\n{}`.replaceAll('\r\n', '\n')],
  ['one bare line feed', 'POST /api/flows/filter HTTP/1.1\r\nHost: localhost\nContent-Length: 2\r\n\r\n{}'],
  ['a bare carriage return', 'POST /api/flows/filter HTTP/1.1\r\nHost: localhost\rContent-Length: 2\r\n\r\n{}'],
  ['a folded header', `${post}X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}`],
  ['a folded encoding', `${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ['chunked, but not last', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['two encodings', `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
  ['an unknown encoding', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['chunks in HTTP/1.0', `${post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`.replace('HTTP/1.1', 'HTTP/1.0')],
  ['a negative chunk', `${post}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n`],
  ['a chunk larger than any number', `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n`],
  ['a space behind the size of a chunk', `${post}Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n`],
  ['chunks with bare line feeds', `${post}Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n`],
  ['no host', 'GET /api/health HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /api/health HTTP/1.1\r\nHost: localhost\r\nHost: other.example\r\n\r\n'],
  ['an upgrade with a length and chunks', 'GET /api/events/out HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
]

const server = await startTestServer({ after })

for (const [what, request] of ambiguous) {
  test(`${what}: answered 400, the connection closed, and nothing behind it read as a request`, async (t) => {
    const answer = await rawRequest(t, server.port, request + second)
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(answer, /\r\nconnection: close\r\n/i)
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer)
  })
}

test('the same request framed soundly is answered, and so is the one behind it', async (t) => {
  const { socket, received } = await rawConnection(t, server.port)
  socket.write(`${post}Content-Length: 2\r\n\r\n{}${second.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`)
  await new Promise((resolve) => socket.once('close', resolve))
  assert.equal(received().match(/HTTP\/1\.1 200 /g)?.length, 2)
})
