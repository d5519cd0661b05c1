import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { RecentIds, fitsEventSize } from './event-limits.ts'

test('the size of an event is counted in bytes of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), maxLength: 40 }), fc.nat(120), (text, max) => {
      assert.equal(fitsEventSize(text, max), new TextEncoder().encode(text).length <= max)
    }),
  )
})

test('an id counts once within its time, and the oldest ids are forgotten first', () => {
  const ids = new RecentIds(2, 10)
  assert.ok(ids.add('a', 0))
  assert.ok(!ids.add('a', 9_999_999))
  assert.ok(ids.add('a', 10_000_000))
  assert.ok(ids.add('b', 10_000_000))
  assert.ok(ids.add('c', 10_000_000))
  assert.equal(ids.size, 2)
  assert.ok(ids.add('a', 10_000_001))
  assert.ok(!ids.add('c', 10_000_001))
})
