import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { compileTextQuery, isEmptyTextQuery, parseTextQuery } from './text-search.ts'

test('queries are taken apart as Prefect takes them', () => {
  const cases: [string, string[], string[], string[]][] = [
    ['a b', ['a', 'b'], [], []],
    ['  ', [], [], []],
    ['-a', [], ['a'], []],
    ['- a', ['a'], [], []],
    ['! a b', ['a', 'b'], [], []],
    ['+a b', ['b'], [], ['a']],
    ['a-b', ['a-b'], [], []],
    ['"x y" z', ['x y', 'z'], [], []],
    ['"x \\" y"', ['x " y'], [], []],
    ['"never closed', ['never closed'], [], []],
    ['-"not this"', [], ['not this'], []],
    ['+"must" x', ['x'], [], ['must']],
    ['-', [], [], []],
    ['!!a', [], ['!a'], []],
    ['-+a', [], ['+a'], []],
    ['"" a', ['a'], [], []],
    ['a"b c"d', ['a', 'b c', 'd'], [], []],
    ['a "b', ['a', 'b'], [], []],
    ['"a\\\\b"', ['a\\b'], [], []],
    ['a\\"b', ['a\\', 'b'], [], []],
    ['"a\\nb"', ['a\\nb'], [], []],
    ['A b\tC\nd', ['A', 'b', 'C', 'd'], [], []],
    ['+"', [], [], []],
    ['x:"y z"', ['x:', 'y z'], [], []],
    ['-a"b c"', ['b c'], ['a'], []],
    ['\u3000a', ['a'], [], []],
    ['" a "', [' a '], [], []],
    ['+-a', [], [], ['-a']],
  ]
  for (const [query, include, exclude, required] of cases) {
    assert.deepEqual(parseTextQuery(query), { include, exclude, required }, query)
  }
})

test('a text matches when one included, no excluded and every required term occurs', () => {
  const cases: [string, string, boolean][] = [
    ['error warn', 'An ERROR came', true],
    ['error -came', 'An error came', false],
    ['+an +came', 'An error came', true],
    ['+an +gone', 'An error came', false],
    ['"error c"', 'An error came', true],
    ['-"x y"', 'nothing', true],
    ['', 'a', true],
  ]
  for (const [query, text, want] of cases) assert.equal(compileTextQuery(query)(text), want, query)
})

test('any query is understood, and a quoted word is found in a text that has it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (query) => {
      compileTextQuery(query)('some text')
      const quoted = `"${query.replaceAll(/[\\"]/g, '\\$&')}"`
      assert.ok(query === '' ? isEmptyTextQuery(parseTextQuery(quoted)) : compileTextQuery(quoted)(`a ${query} b`))
    }),
  )
})
