import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { argumentNames } from './argument-names.ts'
import { maskSecrets, Secret } from './secret.ts'
import { systemClock } from '../clock.ts'
import { CancelledRunError, CrashedRunError, FailedRunError } from '../errors.ts'
import { isCompleted, isFinal, makeState, raiseOnFailure, type NewState } from './state.ts'

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

test('a state says whether it is the last one and a good one, and is raised as an error of its kind where it is not', () => {
  const of = (given: NewState) => makeState(given, 0)
  for (const [type, final, completed] of [['PENDING', false, false], ['RUNNING', false, false], ['PAUSED', false, false], ['COMPLETED', true, true], ['FAILED', true, false]] as const) {
    assert.deepEqual([isFinal(of({ type })), isCompleted(of({ type }))], [final, completed], type)
  }
  for (const type of ['SCHEDULED', 'RUNNING', 'CANCELLING', 'COMPLETED'] as const) assert.equal(raiseOnFailure(of({ type })), undefined)
  const raised = (given: NewState): Error => {
    try {
      raiseOnFailure(of(given))
    } catch (error) {
      return error as Error
    }
    return assert.fail('nothing was thrown')
  }
  for (const [type, Class, code] of [['FAILED', FailedRunError, 'run-failed'], ['CRASHED', CrashedRunError, 'run-crashed'], ['CANCELLED', CancelledRunError, 'run-cancelled']] as const) {
    const error = raised({ type, message: 'no rows' })
    assert.ok(error instanceof FailedRunError)
    assert.deepEqual([error.constructor, error.code, error.state.message], [Class, code, 'no rows'])
  }
  const state = of({ type: 'COMPLETED' })
  assert.equal(raiseOnFailure({ state, ok: true, value: 7 }), 7)
  assert.throws(() => raiseOnFailure({ state: of({ type: 'FAILED' }), ok: false, error: new RangeError('mine') }), RangeError)
})
