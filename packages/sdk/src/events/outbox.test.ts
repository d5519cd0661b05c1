import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Outbox, type OutboxLimits, type OutgoingEvent } from './outbox.ts'

const state = (name: number): OutgoingEvent => ({ json: JSON.stringify({ state: name }), isState: true })
const other = (name: number): OutgoingEvent => ({ json: JSON.stringify({ other: name }), isState: false })

function outboxOf(t: TestContext, limits: Partial<OutboxLimits>): Outbox {
  const outbox = new Outbox({ eventsMax: 1000, bytesMax: 1_000_000, spillBytesMax: 1_000_000, ...limits })
  t.after(() => outbox.close())
  return outbox
}

/** Sends and confirms everything, and gives it in order. */
function drain(outbox: Outbox): string[] {
  const sent: string[] = []
  for (let batch = outbox.take(100); batch.length > 0; batch = outbox.take(100)) {
    sent.push(...batch.map(({ json }) => json))
    outbox.confirm(batch.length)
  }
  return sent
}

test('what was sent and not confirmed is sent again, first', (t) => {
  const outbox = outboxOf(t, {})
  for (const name of [1, 2, 3, 4]) void outbox.add(state(name))
  assert.equal(outbox.take(3).length, 3)
  outbox.confirm(1)
  outbox.unsend()
  assert.deepEqual(drain(outbox), ['{"state":2}', '{"state":3}', '{"state":4}'])
})

test('when memory is full other events are shed and counted, oldest first, and states never', (t) => {
  const outbox = outboxOf(t, { eventsMax: 10 })
  for (let name = 0; name < 10; name++) void outbox.add(name % 2 ? state(name) : other(name))
  for (let name = 10; name < 14; name++) void outbox.add(state(name))
  assert.equal(outbox.takeShedCount(), 4)
  assert.equal(outbox.spilled, 0)
  assert.deepEqual(drain(outbox), ['{"state":1}', '{"state":3}', '{"state":5}', '{"state":7}', '{"other":8}', '{"state":9}', ...[10, 11, 12, 13].map((name) => `{"state":${name}}`)])
})

test('every event is counted as confirmed or shed, or waits', (t) => {
  const outbox = outboxOf(t, { eventsMax: 1000 })
  for (let name = 0; name < 3000; name++) void outbox.add(name % 3 ? state(name) : other(name))
  assert.ok(outbox.counts.shed > 0 && outbox.counts.spilled > 0)
  outbox.confirm(outbox.take(100).length)
  assert.equal(outbox.counts.confirmed, 100)
  assert.equal(outbox.counts.confirmed + outbox.counts.shed + outbox.size, 3000)
  outbox.takeShedCount()
  drain(outbox)
  assert.equal(outbox.counts.confirmed + outbox.counts.shed, 3000)
})

test('states that find no room in memory go to a file, and come back in order', (t) => {
  const outbox = outboxOf(t, { eventsMax: 1000 })
  for (let name = 0; name < 5000; name++) assert.equal(outbox.add(state(name)), undefined)
  assert.equal(outbox.spilled, 4000)
  assert.equal(outbox.size, 5000)
  assert.equal(outbox.add(other(1)), undefined)
  assert.equal(outbox.takeShedCount(), 1)
  assert.deepEqual(drain(outbox), Array.from({ length: 5000 }, (_, name) => `{"state":${name}}`))
  assert.equal(outbox.spilled, 0)
})

test('when the file is full as well, whoever makes a state waits until there is room', async (t) => {
  const outbox = outboxOf(t, { eventsMax: 500, spillBytesMax: 1000 })
  let waiting: Promise<void> | undefined
  let name = 0
  while (!waiting) waiting = outbox.add(state(name++)) as Promise<void> | undefined
  let isIn = false
  void waiting.then(() => (isIn = true))
  await new Promise(setImmediate)
  assert.equal(isIn, false)
  const before = drain(outbox)
  await waiting
  assert.deepEqual([...before, ...drain(outbox)], Array.from({ length: name }, (_, index) => `{"state":${index}}`))
})

test('bytes are bounded as events are', (t) => {
  const outbox = outboxOf(t, { bytesMax: 10_000 })
  for (let name = 0; name < 100; name++) void outbox.add({ json: 'x'.repeat(1000), isState: true })
  assert.ok(outbox.bytesInMemory <= 10_000)
  assert.equal(drain(outbox).length, 100)
})
