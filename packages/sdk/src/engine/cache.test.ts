import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { stableJson } from './cache.ts'
import { offlineSession } from './engine.fixture.ts'
import { decodeRecord } from './result-record.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

test('a task with a cache runs once for the same arguments, whatever the order of keys', async (t) => {
  offlineSession(t)
  let calls = 0
  const slow = task({ name: 'slow', cache: 'inputs' }, (options: { a: number; b?: number }) => ({ sum: options.a + (options.b ?? 0), call: ++calls }))
  const first = await slow.runWithState({ a: 1, b: 2 })
  const again = await slow.runWithState({ b: 2, a: 1 })
  assert.equal(first.state.name, 'Completed')
  assert.equal(again.state.name, 'Cached')
  assert.deepEqual(again.ok && again.value, { sum: 3, call: 1 })
  await slow({ a: 2 })
  assert.equal(calls, 2)
})

test('a key of its own names the file, so that other programs find the result', async (t) => {
  const { session } = offlineSession(t)
  const rows = task({ name: 'rows', cache: { key: ({ args: [day] }) => `rows-${day}`, ttl: '1h' } }, (day: string) => [{ day }])
  await rows('monday')
  const file = path.join(session.settings.resultsFolder, 'rows-monday')
  const { metadata, value } = decodeRecord(readFileSync(file, 'utf8'))
  assert.deepEqual(value, [{ day: 'monday' }])
  assert.equal(metadata?.storage_key, file)
  assert.equal(metadata.serializer.type, 'json')
})

test('an expired result and a refreshed one are made anew', async (t) => {
  const { session } = offlineSession(t)
  let calls = 0
  const options = { key: () => 'k', ttl: '1h' }
  const make = (refresh: boolean) => task({ name: 'made', cache: { ...options, refresh } }, () => ++calls)
  await make(false)()
  await make(false)()
  assert.equal(calls, 1)
  await make(true)()
  assert.equal(calls, 2)
  const nowUs = session.clock.nowUs
  session.clock.nowUs = () => nowUs() + 3_601_000_000
  await make(false)()
  assert.equal(calls, 3)
})

test('arguments that are no plain data are not cached, and the log says so', async (t) => {
  const { log } = offlineSession(t)
  let calls = 0
  const odd = task({ name: 'odd', cache: 'inputs' }, (_call: () => void) => ++calls)
  await odd(() => {})
  await odd(() => {})
  assert.equal(calls, 2)
  assert.ok(log.some((line) => /not plain data/.test(line)))
})

test('a result that JSON cannot hold fails the task with the place that is wrong', async (t) => {
  offlineSession(t)
  const big = flow({ name: 'big', result: { persist: true } }, async () => await task({ name: 'n' }, () => ({ rows: () => 1 }))())
  await assert.rejects(big(), /'rows' is a function/)
})

test('a name cannot lead out of the folder', async (t) => {
  offlineSession(t)
  await assert.rejects(task({ name: 'out', cache: { key: () => '../../etc/passwd' } }, () => 1)(), /leads out of/)
})

test('plain data has one text, whatever the order of its keys', () => {
  assert.equal(stableJson({ b: [1, { d: null, c: 'x' }], a: undefined }), '{"b":[1,{"c":"x","d":null}]}')
  for (const odd of [() => 1, Symbol('s'), 1n, NaN, new Map(), [new Set()], { a: { b: class {} } }]) assert.equal(stableJson(odd), undefined)
})
