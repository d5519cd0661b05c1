import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnQueue } from './turn-queue.ts'

/** A queue of two a turn, whose turns end when the test says so. */
function turns() {
  const soon: (() => void)[] = []
  const done: number[] = []
  const queue = new TurnQueue(2, { soon: (work) => void soon.push(work) })
  return {
    queue,
    done,
    add: (...numbers: number[]) => numbers.forEach((number) => queue.add(() => done.push(number))),
    endTurn: () => soon.splice(0).forEach((work) => work()),
  }
}

test('as many pieces as a turn may have are done at once, the others in order in the next turns', () => {
  const { add, done, endTurn } = turns()
  add(1, 2, 3, 4, 5)
  assert.deepEqual(done, [1, 2])
  endTurn()
  assert.deepEqual(done, [1, 2, 3, 4])
  endTurn()
  endTurn()
  assert.deepEqual(done, [1, 2, 3, 4, 5])
})

test('what comes while others wait is done after them', () => {
  const { add, done, endTurn } = turns()
  add(1, 2, 3, 4)
  endTurn()
  add(5)
  assert.deepEqual(done, [1, 2, 3, 4])
  endTurn()
  assert.deepEqual(done, [1, 2, 3, 4, 5])
})

test('done resolves when all that came before has been done', async () => {
  const { add, done, endTurn, queue } = turns()
  add(1, 2, 3)
  let resolved = false
  const waiting = queue.done().then(() => (resolved = true))
  assert.equal(resolved, false)
  endTurn()
  await waiting
  assert.deepEqual(done, [1, 2, 3])
})
