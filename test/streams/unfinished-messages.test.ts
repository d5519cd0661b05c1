import assert from 'node:assert/strict'
import test from 'node:test'
import { durations } from './lib/fault-server.ts'
import { frame, opcodes } from './lib/frames.ts'
import { cannotRunPeers } from './lib/peers.ts'
import { allEnded, closeCodes, setScene } from './lib/scene.ts'

const mebibyte = 1024 * 1024
const mask = Buffer.alloc(4)
const messageTimeoutMs = durations(2_000, 10_000)

/** Fault A14: it is the number of objects that exhausts memory, not the bytes; and a message may never become whole. */
test('messages that stay unfinished are closed: for their many fragments, or when their time is over', { skip: cannotRunPeers }, async (t) => {
  const { peers, watch, end } = await setScene(t, { limits: { messageTimeoutMs } })
  const reached = async (limit: string) => (await watch.gauges.scrape()).sum('spillway_limit_reached_total', { limit })
  const path = '/api/events/in'

  await peers.dial({ group: 'many', count: 100, path })
  const before = watch.gauges.residentBytes()
  await peers.behave('many', { act: 'fragments', count: 16_000 })
  const many = await allEnded(peers, 'many', 15)
  const grown = (watch.gauges.residentBytes() - before) / 100 / mebibyte
  assert.ok(grown < 2, `each peer with 16,000 fragments cost ${grown.toFixed(1)} MiB`)
  assert.deepEqual(closeCodes(many), { 1008: 100 })
  assert.equal(await reached('messageFragments'), 100)

  await peers.dial({ group: 'begun', count: 10, path })
  await peers.behave('begun', { act: 'fragments', count: 3 })
  // Half of a frame is an unfinished message as well.
  await peers.dial({ group: 'half', count: 10, path })
  await peers.bytes('half', frame(opcodes.text, 'x'.repeat(10_000), { mask }).subarray(0, 5_000))
  // A fragment from time to time wins no time.
  await peers.dial({ group: 'growing', count: 10, path })
  await peers.behave('growing', { act: 'fragments', count: 1 })
  const more = frame(opcodes.continuation, 'x', { last: false, mask })
  const growing = setInterval(() => void peers.bytes('growing', more).catch(() => {}), messageTimeoutMs / 10)
  t.after(() => clearInterval(growing))
  // Who has nothing to say may be silent for as long as it likes.
  await peers.dial({ group: 'silent', count: 10, path })
  for (const group of ['begun', 'half', 'growing']) {
    assert.deepEqual(closeCodes(await allEnded(peers, group, messageTimeoutMs / 1000 + 8)), { 1008: 10 }, group)
  }
  clearInterval(growing)
  assert.equal(await reached('messageTimeoutMs'), 30)
  assert.deepEqual((await peers.report('silent')).stages, { open: 10 })
  await peers.forget('silent')
  await end()
})
