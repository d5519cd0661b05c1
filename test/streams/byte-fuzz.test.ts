import assert from 'node:assert/strict'
import test from 'node:test'
import { seededRandom } from '../faults/seeded-random.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { closeCodeOf, closeFrame, frame, FrameReader, opcodes } from './lib/frames.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { dialRaw } from './lib/raw-socket.ts'
import { watchServer } from './lib/watch.ts'
import { eventually } from '../faults/eventually.ts'

type Random = () => number

const seed = Number(process.env['SPILLWAY_SEED'] ?? 20_261_125)
const connections = durations(1_000, 30_000)
const atOnce = 16

const event = { id: '0f0f0f0f-0000-4000-8000-000000000001', occurred: '2026-01-01T00:00:00Z', event: 'fuzz.told', resource: { 'prefect.resource.id': 'fuzz.thing' }, payload: { text: 'Grüße' } }

/** What a well-behaved peer of each endpoint sends, before something happens to it. */
const conversations: Record<string, (random: Random) => Buffer[]> = {
  '/api/events/in': (random) => [
    masked(random, opcodes.text, JSON.stringify({ type: 'auth', token: null })),
    masked(random, opcodes.text, JSON.stringify(event)),
    frame(opcodes.text, JSON.stringify(event).slice(0, 40), { last: false, mask: bytes(random, 4) }),
    masked(random, opcodes.ping, 'between'),
    masked(random, opcodes.continuation, JSON.stringify(event).slice(40)),
    masked(random, opcodes.text, JSON.stringify({ ...event, payload: { text: 'x'.repeat(300) } })),
    masked(random, opcodes.ping, 'stored?'),
  ],
  '/api/events/out': (random) => [
    masked(random, opcodes.text, JSON.stringify({ type: 'auth', token: null })),
    masked(random, opcodes.text, JSON.stringify({ type: 'filter', filter: { event: { prefix: ['fuzz.'], name: [] }, resource: { id: ['fuzz.thing'] } } })),
    masked(random, opcodes.ping, 'read?'),
    masked(random, opcodes.pong, ''),
    masked(random, opcodes.ping, 'x'.repeat(125)),
  ],
}

/** What can happen to the bytes of a conversation. */
const mutations: readonly ((frames: Buffer[], random: Random) => void)[] = [
  // A bit, a byte, a run of bytes.
  (frames, random) => void (pick(frames, random).bytes[0]! ^= 1 << Math.floor(random() * 8)),
  (frames, random) => {
    const { bytes: victim } = pick(frames, random)
    victim[Math.floor(random() * victim.length)] = Math.floor(random() * 256)
  },
  (frames, random) => {
    const { bytes: victim, at } = pick(frames, random)
    const cut = Math.floor(random() * victim.length)
    frames[at] = Buffer.concat([victim.subarray(0, cut), bytes(random, 1 + random() * 20), victim.subarray(cut)])
  },
  (frames, random) => {
    const { bytes: victim, at } = pick(frames, random)
    frames[at] = victim.subarray(0, Math.floor(random() * victim.length))
  },
  // A length that is not so.
  (frames, random) => void (pick(frames, random).bytes[1] = Math.floor(random() * 256)),
  (frames, random) => {
    const claims = [126n, 65_536n, 3_000_000n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 63n][Math.floor(random() * 7)]!
    frames.splice(random() * frames.length, 0, frame(opcodes.text, 'x', { claims, mask: bytes(random, 4) }))
  },
  // Frames that are sound by themselves, and wrong where they stand.
  (frames, random) => void frames.splice(random() * frames.length, 0, pick(frames, random).bytes),
  (frames, random) => void frames.splice(random() * frames.length, 1),
  (frames, random) => void frames.splice(random() * frames.length, 0, frame(opcodes.continuation, 'x', { mask: bytes(random, 4) })),
  (frames, random) => void frames.splice(random() * frames.length, 0, frame(opcodes.text, 'x', { mask: undefined })),
  (frames, random) => void frames.splice(random() * frames.length, 0, frame(Math.floor(random() * 16), bytes(random, random() * 200), { mask: bytes(random, 4) })),
  (frames, random) => void frames.splice(random() * frames.length, 0, frame(opcodes.text, '{}', { reserved: 1 + Math.floor(random() * 7), mask: bytes(random, 4) })),
  (frames, random) => void frames.splice(random() * frames.length, 0, frame(opcodes.text, bytes(random, 30), { mask: bytes(random, 4) })),
  (frames, random) => void frames.splice(random() * frames.length, 0, closeFrame(Math.floor(random() * 6_000), 'x'.repeat(random() * 130))),
  (frames, random) => void frames.splice(1 + random() * frames.length, 0, bytes(random, random() * 500)),
]

/** Protocol, bad UTF-8, too large, auth and policy: what a server may have against a peer's bytes. */
const verdicts = new Set([1002, 1007, 1008, 1009])

for (const [path, conversation] of Object.entries(conversations)) {
  test(`${connections} peers that send ${path} broken bytes are each told what is wrong, and nobody else notices`, { skip: cannotRunPeers }, async (t) => {
    const server = await startFaultServer(t, { limits: { closeTimeoutMs: 300 }, env: { PREFECT_SERVER_LOGGING_LEVEL: 'ERROR' } })
    // The first list starts a thread of the store, which keeps the files that it opens.
    await fetch(`${server.url}/api/events/filter`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    const watch = await watchServer(t, server)
    const healthy = await startPeers(t, server.url)
    const publisher = new Publisher(t, server.url)
    await healthy.dial({ group: 'healthy', count: 3, path: '/api/events/out', first: everyEvent, record: true })
    const publishing = publisher.publish({ count: 200, perSecond: 50 })
    const seen: Record<string, number> = {}
    const wrong: string[] = []
    let next = 0
    const work = async (): Promise<void> => {
      while (next < connections) {
        const number = next++
        const sent = mutated(conversation, seededRandom(seed + number))
        const code = await tell(server.url, path, sent)
        const closes = new FrameReader().push(sent).filter(({ opcode }) => opcode === opcodes.close)
        const verdict = code === undefined ? 'none' : verdicts.has(code) ? String(code) : closes.map(closeCodeOf).includes(code) ? 'its own code' : 'wrong'
        seen[verdict] = (seen[verdict] ?? 0) + 1
        if (verdict === 'wrong') wrong.push(`seed ${seed + number}: closed with ${code}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    console.log(JSON.stringify({ path, verdicts: seen }))
    assert.deepEqual(wrong, [])
    for (const verdict of verdicts) assert.ok(seen[verdict], `no peer was told ${verdict}: the fuzzing no longer reaches that check`)
    await publishing
    await eventually(async () => (await healthy.report('healthy')).leastReceived === 200, 'all events at the healthy subscribers')
    for (const { numbers } of await healthy.histories('healthy')) assert.deepEqual(numbers, publisher.acknowledged)
    await healthy.forget('healthy')
    await watch.end()
    assert.equal(server.stderr(), '', 'nothing of this is an error of the server')
  })
}

/** A whole conversation with one to three things done to it. The same seed gives the same bytes. */
function mutated(conversation: (random: Random) => Buffer[], random: Random): Buffer {
  const frames = conversation(random)
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) mutations[Math.floor(random() * mutations.length)]!(frames, random)
  return Buffer.concat(frames)
}

/** Sends the bytes and FIN behind them, and waits for a close frame or the end. @returns the code of the close frame */
async function tell(url: string, path: string, sent: Buffer): Promise<number | undefined> {
  const raw = await dialRaw(undefined, url, { path })
  raw.send(sent)
  raw.socket.end()
  raw.socket.on('data', () => {
    if (raw.close()) raw.socket.destroy()
  })
  const late = setTimeout(() => raw.socket.destroy(new Error('late')), 30_000)
  await raw.ended
  clearTimeout(late)
  if (raw.socket.errored?.message === 'late') throw new Error(`the server kept a connection whose peer had gone; it was sent ${sent.toString('base64')}`)
  return raw.close()?.code
}

function masked(random: Random, opcode: number, payload: string): Buffer {
  return frame(opcode, payload, { mask: bytes(random, 4) })
}

function bytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: Math.floor(count) }, () => Math.floor(random() * 256)))
}

function pick(frames: readonly Buffer[], random: Random): { bytes: Buffer; at: number } {
  const at = Math.floor(random() * frames.length)
  return { bytes: frames[at] ?? Buffer.alloc(2), at }
}
