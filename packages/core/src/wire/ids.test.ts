import assert from 'node:assert/strict'
import test from 'node:test'
import { isUuid, newUuid7, normalizeUuid } from './ids.ts'

test('ids are version 7 and carry their millisecond', () => {
  const id = newUuid7(1_800_000_000_123)
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(parseInt(id.replaceAll('-', '').slice(0, 12), 16), 1_800_000_000_123)
})

test('ids rise when the clock stands still or goes back', () => {
  let last = newUuid7(1_900_000_000_000)
  for (let index = 0; index < 20_000; index++) {
    const next = newUuid7(1_900_000_000_000 - (index % 3))
    assert.ok(next > last, `${next} after ${last}`)
    last = next
  }
})

test('every accepted spelling of a uuid normalises to the same text', () => {
  const want = '0198c0de-1234-7abc-8def-0123456789ab'
  for (const text of [want, want.toUpperCase(), want.replaceAll('-', ''), `{${want}}`, `urn:uuid:${want}`]) {
    assert.equal(normalizeUuid(text), want, text)
  }
  for (const text of ['', 'abc', `${want}0`, want.replace('c', 'g'), `{${want}`, want.replace('-', '')]) {
    assert.equal(normalizeUuid(text), undefined, text)
    assert.equal(isUuid(text), false, text)
  }
})
