import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { eventually, startTestServer, type TestServer } from '../server/in-process.ts'
import { opcodes, type ReadFrame } from './lib/frames.ts'
import { dialAuthenticated, pinged, textFrame } from './lib/raw-socket.ts'
import { everyEvent } from './lib/publisher.ts'

/** What stock clients refuse to take in one message; they close with 1009, come back, and get it again. */
const stockMessageBytes = 1_048_576

let told = 0

/** One event after another, a millisecond apart. */
function event(more: Record<string, unknown> = {}): Record<string, unknown> {
  const occurred = new Date(Date.now() + told++).toISOString()
  return { id: randomUUID(), occurred, event: 'peers.told', resource: { 'prefect.resource.id': 'peers.thing' }, payload: {}, ...more }
}

const poison: Readonly<Record<string, string>> = {
  'no JSON': '{"id":',
  'no event': '{"broken":true}',
  'a resource without an id': JSON.stringify(event({ resource: { name: 'nobody' } })),
  'a time that is none': JSON.stringify(event({ occurred: 'yesterday' })),
  'an id that is none': JSON.stringify(event({ id: 'seven' })),
  'more labels than may be': JSON.stringify(event({ resource: { 'prefect.resource.id': 'x', ...Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`label-${n}`, 'x'])) } })),
}

/** Fault A19. The real server ends the socket at the first of them; emitters come back and send it again, for ever. */
test('bad events among good ones are put aside one by one; the good ones are stored and the socket goes on', async (t) => {
  const server = await startTestServer(t)
  const raw = await dialAuthenticated(t, server.url, '/api/events/in')
  const good: string[] = []
  for (const [what, text] of Object.entries(poison)) {
    const around = Array.from({ length: 20 }, () => event())
    good.push(...around.map(({ id }) => String(id)))
    raw.send(...around.slice(0, 10).map(textFrame), textFrame(text), ...around.slice(10).map(textFrame))
    await pinged(raw)
    assert.equal(raw.close(), undefined, what)
    await eventually(() => deadLetters(server).some((letter) => letter.body === text && JSON.parse(letter.reason).length > 0), `the dead letter of ${what}`)
  }
  assert.deepEqual(storedIds(server), good.toSorted())
  assert.equal(deadLetters(server).length, Object.keys(poison).length)
  assert.equal(await server.metric('spillway_events_received_total{way="socket",outcome="invalid"}'), Object.keys(poison).length)
})

test('an event over the limit is dropped and counted, as the real server drops it, and its socket goes on', async (t) => {
  const server = await startTestServer(t)
  const raw = await dialAuthenticated(t, server.url, '/api/events/in')
  const large = event({ payload: { text: 'x'.repeat(1_600_000) } })
  const good = event()
  raw.send(textFrame(large), textFrame(good))
  await pinged(raw)
  assert.deepEqual(storedIds(server), [good['id']])
  assert.equal(await server.metric('spillway_events_received_total{way="socket",outcome="too-large"}'), 1)
  assert.equal(raw.close(), undefined, 'the socket is open')
  assert.equal((await server.post('/api/events', [large])).status, 204)
  assert.equal(await server.metric('spillway_events_received_total{way="http",outcome="too-large"}'), 1)
  assert.deepEqual(storedIds(server), [good['id']])
})

/** Fault A20. */
test('an event of 1.2 MB is delivered with a notice for a payload, live and in the backfill, and everything else with it', async (t) => {
  const server = await startTestServer(t)
  const live = await dialAuthenticated(t, server.url, '/api/events/out')
  live.send(textFrame(everyEvent))
  await pinged(live)
  const sent = [event(), event({ payload: { text: 'x'.repeat(1_200_000) } }), event()]
  const emitter = await dialAuthenticated(t, server.url, '/api/events/in')
  emitter.send(...sent.map(textFrame))
  await pinged(emitter)
  const late = await dialAuthenticated(t, server.url, '/api/events/out')
  late.send(textFrame({ type: 'filter', filter: everyEvent.filter, backfill: true }))
  for (const subscriber of [live, late]) {
    await subscriber.frame((frame) => bodyOf(frame)?.id === sent[2]!['id'], 'the last event')
    const bodies = subscriber.frames.map(bodyOf).filter((body) => body !== undefined)
    assert.deepEqual(bodies.map(({ id }) => id), sent.map(({ id }) => id))
    for (const { payload } of subscriber.frames) assert.ok(payload.length < stockMessageBytes)
    assert.match(bodies[1]!.payload['spillway.trimmed'] ?? '', new RegExp(`events/filter.*${String(sent[1]!['id'])}`))
    assert.equal(subscriber.close(), undefined, 'the socket is open')
  }
})

interface Delivered {
  id: string
  payload: Record<string, string>
}

/** The event in a frame of the server, if it holds one. */
function bodyOf({ opcode, payload }: ReadFrame): Delivered | undefined {
  return opcode === opcodes.text ? (JSON.parse(payload.toString()) as { event?: Delivered }).event : undefined
}

function storedIds({ databasePath }: TestServer): string[] {
  return rows<{ id: string }>(databasePath, "select id from event where event = 'peers.told'").map(({ id }) => id).toSorted()
}

function deadLetters({ databasePath }: TestServer): { reason: string; body: string }[] {
  return rows(databasePath, 'select reason, body from event_dead_letter')
}

function rows<Row>(databasePath: string, sql: string): Row[] {
  const db = new DatabaseSync(databasePath, { readOnly: true })
  try {
    return db.prepare(sql).all() as Row[]
  } finally {
    db.close()
  }
}
