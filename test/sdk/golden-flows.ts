import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, flow, task } from '../../packages/sdk/src/index.ts'

/** An error that calls itself what Python's does. */
function valueError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ValueError' })
}

const plain = task({ name: 'plain' }, (row: readonly number[]) => [row[0]! + 1000.5])

let tries = 0
const retried = task({ name: 'retried', retries: 2, retryDelay: '100ms' }, () => {
  tries++
  if (tries < 2) throw valueError('boom')
  return { tries }
})

const atOnce = task({ name: 'at-once', retries: 1 }, (): number[] => {
  throw valueError('always')
})

const slow = task({ name: 'slow', timeout: '500ms' }, () => delay(3000, undefined, { signal: abortSignal() }))

const cached = task({ name: 'cached', cache: { key: () => 'golden-key', ttl: '1h' } }, () => ({ kept: true }))

const outer = task({ name: 'outer' }, (row: readonly number[]) => plain(row))

const tagged = task({ name: 'tagged', tags: ['b', 'a'] }, () => {})

const child = flow({ name: 'golden-child' }, (input: { row: number[] }) => plain(input.row))

/** The same flow as in test/sdk/python/golden.py. */
export const golden = flow({ name: 'golden' }, async () => {
  const first = await plain([1.5])
  await plain(first)
  await retried()
  await atOnce.runWithState()
  await slow.runWithState()
  await cached()
  await cached()
  await plain.map([[1.5], [2.5], [3.5]]).results()
  await outer([5.5])
  await tagged()
  await child({ row: [7.5] })
  const failed = atOnce.submit()
  await failed.state()
  await plain.submit(failed).state()
  return 'done'
})
