import assert from 'node:assert/strict'
import test from 'node:test'
import { obfuscateSecrets, restoreSecrets } from './block-secrets.ts'

const STARS = '********'

test('secrets are covered at their paths, and null stays null', () => {
  const cases: [object, string[], object][] = [
    [{ a: 'x', b: 1 }, ['a'], { a: STARS, b: 1 }],
    [{ a: { b: 'x', c: 'y' } }, ['a.b'], { a: { b: STARS, c: 'y' } }],
    [{ a: null }, ['a'], { a: null }],
    [{ a: '' }, ['a'], { a: STARS }],
    [{ a: 5 }, ['a', 'missing', 'a.b'], { a: STARS }],
    [{ a: ['x', 'y'] }, ['a'], { a: STARS }],
    [{ a: { b: 'x', c: { d: 1, e: null } } }, ['a.*'], { a: { b: STARS, c: { d: STARS, e: STARS } } }],
    [{ a: { b: { c: 'x' }, d: 'y' }, e: 'z' }, ['a.b.*'], { a: { b: { c: STARS }, d: 'y' }, e: 'z' }],
    [{ a: {} }, ['a.*'], { a: STARS }],
    [{ a: 'x', b: { c: 1 } }, ['*'], { a: STARS, b: { c: STARS } }],
    [{ a: { b: 'x' } }, ['a'], { a: STARS }],
  ]
  for (const [data, fields, want] of cases) {
    assert.deepEqual(obfuscateSecrets(data as Record<string, unknown>, fields), want, JSON.stringify([data, fields]))
  }
})

test('a covered secret that comes back keeps the stored one', () => {
  const stored = { a: 'secret', n: { k: 's1', l: 's2' }, w: { x: 'y' } }
  const cases: [object, string[], object][] = [
    [{ a: STARS }, ['a'], { a: 'secret' }],
    [{ a: 'new' }, ['a'], { a: 'new' }],
    [{ n: { k: STARS, l: 'new' } }, ['n.*'], { n: { k: 's1', l: 'new' } }],
    [{ n: { other: STARS } }, ['n.*'], { n: { other: STARS } }],
    [{ w: { x: STARS } }, ['w.x'], { w: { x: 'y' } }],
    [{ b: STARS }, ['b'], { b: STARS }],
    [{ plain: STARS }, ['a'], { plain: STARS }],
  ]
  for (const [update, fields, want] of cases) {
    assert.deepEqual(
      restoreSecrets(update as Record<string, unknown>, stored, fields),
      want,
      JSON.stringify([update, fields]),
    )
  }
})
