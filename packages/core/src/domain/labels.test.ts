import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  compileGlob,
  compileLabelSpec,
  literalPrefix,
  matchesEveryResourceOfKind,
  type LabelSpec,
  type Labels,
} from './labels.ts'

test('globs match as file names do', () => {
  const cases: [string, string, boolean][] = [
    ['prefect.flow-run.*', 'prefect.flow-run.Running', true],
    ['prefect.flow-run.*', 'prefect.flow-run', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abcb', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*.Running', 'x.Running', true],
    ['[ab]x', 'bx', true],
    ['[ab]x', 'cx', false],
    ['[!ab]x', 'cx', true],
    ['[a-c]x', 'bx', true],
    ['task[0]', 'task[0]', true],
    ['task[0]', 'task0', true],
    ['a[b', 'a[b', true],
    ['[]]x', ']x', true],
    ['**a**', 'bab', true],
    ['A*', 'abc', false],
    ['a.c', 'abc', false],
  ]
  for (const [pattern, text, want] of cases) assert.equal(compileGlob(pattern)(text), want, `${pattern} on ${text}`)
})

test('a glob agrees with the regular expression of the same meaning', () => {
  const piece = fc.constantFrom('a', 'b', '*', '?', '.')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 }),
      (pieces, text) => {
        const source = pieces
          .map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one === '.' ? '\\.' : one))
          .join('')
        assert.equal(
          compileGlob(pieces.join(''))(text),
          new RegExp(`^${source}$`).test(text),
          pieces.join('') + ' on ' + text,
        )
      },
    ),
  )
})

test('a glob made to be slow is not', () => {
  const started = performance.now()
  assert.equal(compileGlob('*a'.repeat(500) + 'b')('a'.repeat(20_000)), false)
  assert.ok(performance.now() - started < 2000)
})

test('label specifications join labels with AND and values with OR', () => {
  const labels: Labels = { 'prefect.resource.id': 'prefect.flow-run.1', state: 'Failed' }
  const cases: [LabelSpec, boolean][] = [
    [{}, true],
    [{ state: 'Failed' }, true],
    [{ state: ['Crashed', 'Fail*'] }, true],
    [{ state: '!Failed' }, false],
    [{ state: '!Crashed' }, true],
    [{ missing: '!x' }, false],
    [{ missing: '*' }, false],
    [{ state: [] }, false],
    [{ state: 'Failed', 'prefect.resource.id': 'prefect.flow-run.*' }, true],
    [{ toString: '*' }, false],
  ]
  for (const [spec, want] of cases) assert.equal(compileLabelSpec(spec)(labels), want, JSON.stringify(spec))
})

test('the literal beginning of a pattern ends at its first wildcard', () => {
  for (const [pattern, want] of [
    ['a.b', 'a.b'],
    ['a*b', 'a'],
    ['?', ''],
    ['x[1]', 'x'],
  ] as const) {
    assert.equal(literalPrefix(pattern), want)
  }
})

test('a specification that names only a kind lets every resource of it pass', () => {
  const kind = 'prefect.flow-run'
  assert.ok(matchesEveryResourceOfKind({}, kind))
  assert.ok(matchesEveryResourceOfKind({ 'prefect.resource.id': 'prefect.flow-run.*' }, kind))
  assert.ok(matchesEveryResourceOfKind({ 'prefect.resource.id': ['x', 'prefect.flow-run.*'] }, kind))
  assert.ok(!matchesEveryResourceOfKind({ 'prefect.resource.id': 'prefect.flow-run.1' }, kind))
  assert.ok(!matchesEveryResourceOfKind({ 'prefect.resource.id': 'prefect.flow-run.*', a: 'b' }, kind))
})
