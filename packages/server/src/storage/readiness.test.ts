import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Readiness } from './readiness.ts'

/** A store whose answers are given by the test. */
function build() {
  const asked: PromiseWithResolvers<void>[] = []
  const store = {
    alive: true,
    ping() {
      const answer = Promise.withResolvers<void>()
      asked.push(answer)
      return answer.promise
    },
    isReady: () => store.alive,
  }
  return { asked, store }
}

/** Lets promises that are settled call back. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve()
}

test('a store that does not answer makes the server unready within a second, and its answer makes it ready again', async () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  const { asked, store } = build()
  const readiness = new Readiness(store)
  assert.equal(readiness.isReady, true)
  mock.timers.tick(400)
  mock.timers.tick(499)
  assert.equal(readiness.isReady, true)
  mock.timers.tick(1)
  assert.equal(readiness.isReady, false)
  mock.timers.tick(60_000)
  assert.equal(asked.length, 1, 'one question at a time')
  asked[0]!.resolve()
  await settle()
  assert.equal(readiness.isReady, true)
  mock.timers.tick(400)
  asked[1]!.reject(new Error('gone'))
  await settle()
  assert.equal(readiness.isReady, false)
  mock.timers.reset()
})

test('a server whose writer has ended, or that is going, is not ready', () => {
  const { store } = build()
  const readiness = new Readiness(store)
  store.alive = false
  assert.equal(readiness.isReady, false)
  store.alive = true
  readiness.stop()
  assert.equal(readiness.isReady, false)
})
