import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { ReceivedEvent } from '@spillway/core/wire/events'
import { eventually } from '../faults/eventually.ts'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const stored = async (name: string): Promise<ReceivedEvent[]> => (await client.filterEvents({ filter: { event: { name: [name] } } })).events

test('an event is stored with its resource, what is related to it, and its payload', async () => {
  const related = '{"prefect.resource.id": "customer.1", "prefect.resource.role": "customer"}'
  const sent = await spillway.json<{ id: string }>(['event', 'emit', 'order.paid', '--resource-id', 'order.7', '-r', 'prefect.resource.name=Order 7', '--related', related, '--payload', '{"sum": 3}'])
  await eventually(async () => (await stored('order.paid')).length === 1, 'the event')
  const [event] = await stored('order.paid')
  assert.deepEqual([event!.id, event!.resource, event!.payload], [sent.id, { 'prefect.resource.id': 'order.7', 'prefect.resource.name': 'Order 7' }, { sum: 3 }])
  assert.equal(event!.related[0]!['prefect.resource.id'], 'customer.1')
})

test('an event without a resource, or with a payload that is no object, is refused', async () => {
  assert.match((await spillway.run(['event', 'emit', 'x'])).stderr, /--resource-id/)
  const { code, stderr } = await spillway.run(['event', 'emit', 'x', '--resource-id', 'a', '--payload', '[1]'])
  assert.equal(code, 2)
  assert.match(stderr, /--payload must be a JSON object/)
})

test('events are streamed as they come, as JSON, as text, or to a file, and only those that are asked for', async () => {
  const file = path.join(spillway.home, 'events.jsonl')
  const all = spillway.start(['event', 'stream', '--event', 'tide.*'])
  const text = spillway.start(['events', 'stream', '--format', 'text', '--resource', 'river.1'])
  const once = spillway.start(['event', 'stream', '--event', 'tide.high', '--output-file', file, '--run-once'])
  for (const stream of [all, text, once]) await stream.shows(/Listening for events/)
  const emit = (name: string, id: string): Promise<void> => client.createEvents(JSON.stringify([{ id: crypto.randomUUID(), occurred: new Date().toISOString(), event: name, resource: { 'prefect.resource.id': id } }]))
  await emit('tide.high', 'river.1')
  await emit('tide.low', 'river.2')
  assert.equal((await once.ended).code, 0)
  assert.deepEqual(readFileSync(file, 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as ReceivedEvent).event), ['tide.high'])
  await all.shows(/tide\.low/)
  assert.deepEqual(all.stdout().trim().split('\n').map((line) => (JSON.parse(line) as ReceivedEvent).event), ['tide.high', 'tide.low'])
  await text.shows(/^\S+ tide\.high river\.1$/m)
  for (const stream of [all, text]) {
    stream.child.kill('SIGINT')
    assert.equal((await stream.ended).code, 0)
  }
  const before = spillway.start(['event', 'stream', '--event', 'tide.*', '--since', '10m', '--run-once'])
  assert.match((await before.ended).stdout, /tide\.high/)
})
