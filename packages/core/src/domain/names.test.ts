import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ADJECTIVES, ANIMALS } from './name-words.ts'
import { generateName } from './names.ts'

test('a generated name is two lower-case words and a dash, whatever the random source yields', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const numbers = [a, b]
      assert.match(
        generateName(() => numbers.shift()!),
        /^[a-z]+-[a-z]+$/,
      )
    }),
  )
})

test('there are enough different words that names rarely meet', () => {
  for (const words of [ADJECTIVES, ANIMALS]) {
    assert.ok(words.length >= 200)
    assert.equal(new Set(words).size, words.length)
  }
})
