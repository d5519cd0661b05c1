import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually, rawConnection, rawRequest, startTestServer } from './in-process.ts'

const start = 'GET /api/events/out HTTP/1.1\r\nHost: localhost\r\n'
const upgrade =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: prefect\r\n'
const headers = (count: number) => 'X-A: b\r\n'.repeat(count)
const many = headers(3_000)

/** Fault C03 on the way to a websocket: what is too much or broken is refused in HTTP, before anything of the streams sees it. */
const refused: readonly (readonly [what: string, head: string, status: number])[] = [
  ['a header of 32 KiB', `${start}${upgrade}X-Long: ${'x'.repeat(32_768)}\r\n\r\n`, 431],
  ['3,000 headers before its own', `${start}${many}${upgrade}\r\n`, 431],
  ['3,000 headers behind its own', `${start}${upgrade}${many}\r\n`, 431],
  ['NULs in a header', `${start}${upgrade}X-Nul: \0\0\r\n\r\n`, 400],
  ["a NUL in a header's name", `${start}${upgrade}X-\0: a\r\n\r\n`, 400],
  ['bare line feeds', `${start}${upgrade}\r\n`.replaceAll('\r\n', '\n'), 400],
  ['a folded upgrade header', `${start}${upgrade.replace('Upgrade: ', 'Upgrade:\r\n ')}\r\n`, 400],
  ['a broken key', `${start}${upgrade.replace('dGhl', '%%%%')}\r\n`, 400],
  ['a sub-protocol offered twice', `${start}${upgrade.replace(': prefect', ': prefect, prefect')}\r\n`, 400],
  ['broken sub-protocols', `${start}${upgrade.replace(': prefect', ': prefect;;,')}\r\n`, 400],
  ['two hosts', `${start}Host: other.example\r\n${upgrade}\r\n`, 403],
  ['another method', `${start}${upgrade}\r\n`.replace('GET', 'POST'), 405],
]

const server = await startTestServer({ after }, {}, { closeTimeoutMs: 200 })

for (const [what, head, status] of refused) {
  test(`an upgrade with ${what} is answered ${status} and its connection closed`, async (t) => {
    const answer = await rawRequest(t, server.port, head)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer)
    const next = await server.authenticated('/api/events/out')
    assert.equal(next.readyState, next.OPEN, 'the next one is taken')
  })
}

test('3,000 headers are refused too where the operator allows larger heads: Node itself takes no more than 1,000', async (t) => {
  const lenient = await startTestServer(t, {}, { headerBytes: 1_000_000 })
  for (const head of [`${start}${many}${upgrade}\r\n`, `${start}${upgrade}${many}\r\n`]) {
    assert.match(await rawRequest(t, lenient.port, head), /^HTTP\/1\.1 431 /)
  }
  const { socket, received } = await rawConnection(t, lenient.port)
  socket.write(`${start}${headers(900)}${upgrade}\r\n`)
  await eventually(() => received().includes('\r\n\r\n'), 'an answer')
  assert.match(received(), /^HTTP\/1\.1 101 /)
})

for (const [what, body] of [
  ['a request', 'GET /api/admin/version HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a body', '{}'],
] as const) {
  test(`${what} right behind an upgrade is read as frames, never as HTTP`, async (t) => {
    const answer = await rawRequest(t, server.port, `${start}${upgrade}Content-Length: ${body.length}\r\n\r\n${body}`)
    assert.match(answer, /^HTTP\/1\.1 101 /)
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1)
    // A close frame with 1002.
    assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), '\x88\x02\x03\xea')
  })
}
