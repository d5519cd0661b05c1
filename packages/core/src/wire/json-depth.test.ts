import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nestsDeeperThan } from './json-depth.ts'

const cases: readonly (readonly [text: string, levels: number, deeper: boolean])[] = [
  ['1', 0, false],
  ['[]', 0, true],
  ['[]', 1, false],
  ['[{"a":[1]}]', 2, true],
  ['[{"a":[1]}]', 3, false],
  ['[[],[],[]]', 2, false],
  // Brackets in texts do not count, whatever is escaped before them.
  ['["[[[["]', 1, false],
  ['["\\"[[[["]', 1, false],
  ['["\\\\",[]]', 1, true],
  ['["\\\\\\"[[[["]', 1, false],
  ['["never closed [[[[', 1, false],
  ['"', 0, false],
  ['[[[[', 3, true],
]

for (const [text, levels, deeper] of cases) {
  test(`${text} is ${deeper ? '' : 'not '}nested deeper than ${levels}`, () => assert.equal(nestsDeeperThan(text, levels), deeper))
}

test('it agrees with the depth of the parsed value', () => {
  const depth = (value: unknown): number => (typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0)
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.nat(7), (value, levels) => {
      assert.equal(nestsDeeperThan(JSON.stringify(value), levels), depth(value) > levels)
    }),
  )
})
