import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVENT_SIZE_BYTES_MAX } from '@spillway/core/domain/event-limits'
import { Session, setDefaultSession } from '../session.ts'
import { readSdkSettings } from '../settings.ts'
import { emitEvent } from './emit-event.ts'

test('an event that no server would take is an error where it is made, and is not sent', (t) => {
  const events: { event?: string }[] = []
  setDefaultSession(new Session({ settings: readSdkSettings({}), onEvent: (event) => void events.push(event) }))
  t.after(() => setDefaultSession(undefined))
  const resource = { id: 'order.7' }
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  assert.throws(() => emitEvent('', { resource }), /an event needs a name, such as 'order.paid'/)
  assert.throws(() => emitEvent('order.paid', { resource: { id: '' } }), /'order.paid' needs the id of what it is about: emitEvent\('order.paid', \{ resource:/)
  assert.throws(() => emitEvent('order.paid', {} as never), /needs the id/)
  assert.throws(() => emitEvent('order.paid', { resource, payload: { amount: 7n } }), { code: 'serialization', message: /'order.paid' cannot be sent: .*BigInt/ })
  assert.throws(() => emitEvent('order.paid', { resource, payload: circle }), { code: 'serialization', message: /circular/ })
  assert.throws(() => emitEvent('order.paid', { resource, payload: { text: 'é'.repeat(EVENT_SIZE_BYTES_MAX / 2) } }), { code: 'event-too-large', message: /servers take 1500000/ })
  assert.deepEqual(events, [])
  emitEvent('order.paid', { resource, payload: { text: 'x'.repeat(1_000_000) } })
  assert.equal(events.length, 1)
})
