import assert from 'node:assert/strict'
import test from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { startFaultServer } from './lib/fault-server.ts'
import { fragmented, frame, opcodes } from './lib/frames.ts'
import { cannotRunPeers } from './lib/peers.ts'
import { dialRaw } from './lib/raw-socket.ts'
import { allEnded, closeCodes, setScene } from './lib/scene.ts'

const mebibyte = 1024 * 1024
const offenders = 10
const mask = Buffer.alloc(4)
const text = 'x'.repeat(3 * mebibyte)

/** What is too much, and the codes that it may be closed with: too many fragments come before too many bytes. */
const tooMuch: readonly (readonly [what: string, bytes: Buffer, codes: readonly string[]])[] = [
  ['a frame that claims 2^62 bytes', frame(opcodes.text, 'x', { claims: 2n ** 62n, mask }), ['1009']],
  ['a frame of 3 MiB', frame(opcodes.text, text, { mask }), ['1009']],
  ['3 MiB in 96 fragments', fragmented(text, 32_768), ['1009']],
  ['3 MiB in fragments of 64 bytes', fragmented(text, 64), ['1008', '1009']],
]

/** Fault A13: without a bound of its own, ws takes 100 MiB for each message. */
test('messages of more than 2 MiB, in whatever frames, close with 1009 and cost less than 4 MiB each', { skip: cannotRunPeers }, async (t) => {
  const { peers, watch, end } = await setScene(t)
  for (const path of ['/api/events/in', '/api/events/out']) {
    // The second round counts: what the first one leaves is the size that the server's heap has grown to.
    const before = watch.gauges.residentBytes()
    for (const [what, bytes, codes] of tooMuch) {
      const group = `${what} to ${path}`
      await peers.dial({ group, count: offenders, path })
      await peers.bytes(group, bytes)
      const report = closeCodes(await allEnded(peers, group, 10))
      assert.equal(Object.values(report).reduce((sum, count) => sum + count, 0), offenders, `${group}: ${JSON.stringify(report)}`)
      for (const code of Object.keys(report)) assert.ok(codes.includes(code), `${group}: ${JSON.stringify(report)}`)
      const grown = (watch.gauges.residentBytes() - before) / offenders / mebibyte
      t.diagnostic(`${group}: ${JSON.stringify(report)}, ${grown.toFixed(1)} MiB each`)
      if (path === '/api/events/out') assert.ok(grown < 4, `after ${group} each offender cost ${grown.toFixed(1)} MiB`)
    }
  }
  await end()
})

/** Fault A15: a small frame that inflates to a gibibyte. */
test('compression is declined when it is offered, and a compressed frame closes with 1002 whether it was or not', async (t) => {
  const server = await startFaultServer(t)
  const bomb = deflateRawSync(Buffer.alloc(64 * mebibyte))
  for (const path of ['/api/events/in', '/api/events/out', '/api/logs/out']) {
    for (const headers of [['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'], []]) {
      const raw = await dialRaw(t, server.url, { path, headers })
      assert.equal(raw.status, 101)
      assert.doesNotMatch(raw.head, /sec-websocket-extensions/i)
      raw.send(frame(opcodes.text, bomb, { reserved: 4 }))
      await raw.ended
      assert.equal(raw.close()?.code, 1002)
    }
  }
})
