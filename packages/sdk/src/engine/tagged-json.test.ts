import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from './secret.ts'
import { fromTaggedJson, toTaggedJson } from './tagged-json.ts'

test('what JSON does not have comes back as it was', () => {
  const values: unknown[] = [
    new Date('2026-01-02T03:04:05.678Z'),
    12345678901234567890n,
    5n,
    new Set(['a', new Date(0)]),
    new Map([['rows', new Map<unknown, unknown>([[1, 'one'], [new Date(0).getTime(), 2n]])]]),
    new Uint8Array([0, 255, 7]),
    { deep: [{ at: new Date(1) }, null, 'x', 1.5, true] },
  ]
  for (const value of values) assert.deepEqual(fromTaggedJson(toTaggedJson(value)), value)
  const error = fromTaggedJson(toTaggedJson(new RangeError('too far', { cause: new Error('root') }))) as Error
  assert.ok(error instanceof Error)
  assert.deepEqual([error.name, error.message, (error.cause as Error).message], ['RangeError', 'too far', 'root'])
})

test('plain data stays plain JSON, without undefined', () => {
  assert.equal(toTaggedJson({ a: 1, b: undefined, c: [undefined, 'x'] }), '{"a":1,"c":[null,"x"]}')
  assert.equal(toTaggedJson(undefined), 'null')
  assert.equal(toTaggedJson({ key: new Secret('tea-with-sugar') }), '{"key":"********"}')
})

test('what Python tags is read: known classes as their own, models as bare data, exceptions as errors, large integers exactly', () => {
  assert.deepEqual(fromTaggedJson('{"at":{"__class__":"datetime.datetime","data":"2026-01-01T00:00:00Z"},"ids":{"__class__":"builtins.frozenset","data":[1]}}'), { at: new Date('2026-01-01'), ids: new Set([1]) })
  assert.deepEqual(fromTaggedJson('{"__class__":"shop.Order","data":{"id":7}}'), { id: 7 })
  const error = fromTaggedJson('{"__exc_type__":"builtins.ValueError","message":"no"}') as Error
  assert.deepEqual([error.name, error.message], ['ValueError', 'no'])
  assert.deepEqual(fromTaggedJson('[9007199254740993, 9007199254740991, 1e30, 1.5]'), [9007199254740993n, 9007199254740991, 1e30, 1.5])
})

test('what cannot be kept is an error that names the place', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  for (const [value, message] of [[{ rows: [() => 1] }, /'rows\.0' is a function/], [NaN, /it is NaN/], [{ at: new Date(NaN) }, /'at' is a Date that is no time/], [circle, /'self\.self\.self\.self\.self…' is nested more than/]] as const) assert.throws(() => toTaggedJson(value), message)
})
