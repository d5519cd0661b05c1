import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { argumentNames } from './argument-names.ts'
import { maskSecrets, Secret } from './secret.ts'
import { systemClock } from '../clock.ts'

test('the names of arguments are read from the text of a function', () => {
  const cases: [text: string, names: string[]][] = [
    ['(a, b = { x: [1, 2] }, ...rest) => a', ['a', 'b', 'rest']],
    ['async ({ day, dry }, [first]) => day', ['arg0', 'arg1']],
    ['async function load($rows, été) {}', ['$rows', 'été']],
    ['x => x', ['x']],
    ['() => 1', []],
    ['function (a = f(1, 2), b) {}', ['a', 'b']],
  ]
  for (const [text, names] of cases) assert.deepEqual(argumentNames(text), names, text)
})

test('a secret shows nowhere but where it is asked for, and its texts are masked in logs', () => {
  const secret = new Secret({ user: 'me', password: 'hunter2-long' })
  assert.equal(`${secret}${inspect(secret)}${JSON.stringify({ secret })}`.includes('hunter2'), false)
  assert.equal(secret.get().password, 'hunter2-long')
  assert.equal(maskSecrets('login with hunter2-long failed'), 'login with ******** failed')
})

test('every reading of the clock is later than the one before', () => {
  const clock = systemClock()
  let last = 0
  for (let reading = 0; reading < 100_000; reading++) {
    const us = clock.nowUs()
    assert.ok(us > last)
    last = us
  }
})
