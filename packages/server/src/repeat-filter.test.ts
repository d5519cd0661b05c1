import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RepeatFilter } from './repeat-filter.ts'

test('the same key comes through once in its time, and the next one tells how many were held back', () => {
  let nowMs = 0
  const filter = new RepeatFilter(1_000, () => nowMs)
  const admit = (key: string, atMs: number) => {
    nowMs = atMs
    return filter.admit(key)
  }
  assert.deepEqual([admit('a', 0), admit('a', 1), admit('b', 2), admit('a', 999)], [0, undefined, 0, undefined])
  assert.deepEqual([admit('a', 1_000), admit('a', 1_001), admit('b', 5_000), admit('a', 5_000)], [2, undefined, 0, 1])
})

test('a storm of different keys is remembered in bounded memory', () => {
  const filter = new RepeatFilter(1_000, () => 0)
  for (let i = 0; i < 5_000; i += 1) assert.equal(filter.admit(`key ${i}`), 0)
  assert.equal(filter.admit('key 4999'), undefined)
  assert.equal(filter.admit('key 0'), 0)
})
