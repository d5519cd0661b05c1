import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultLimits } from '../limits.ts'
import { createMetrics } from '../metrics.ts'
import type { Poll } from '../queries/scheduled-runs.ts'
import { answerPoll } from './polls.ts'
import type { RouteContext } from './route.ts'

function fakeContext(): { context: RouteContext; written: unknown[]; settle: (() => void)[] } {
  const written: unknown[] = []
  const settle: (() => void)[] = []
  const store = {
    write: (name: string, args: unknown) => {
      written.push({ name, args })
      return new Promise<void>((resolve) => settle.push(resolve))
    },
  }
  return { context: { store, limits: defaultLimits, metrics: createMetrics() } as unknown as RouteContext, written, settle }
}

const poll = (key: string, isNews = false): Poll => ({ key, queueIds: ['q'], deploymentIds: [], isNews })
const answer = (noted: Poll | null) => ({ status: 200, json: '[]', poll: noted })

test('a poll is answered before it is noted, and the same poller is noted once in a while', () => {
  const { context, written } = fakeContext()
  assert.deepEqual(answerPoll(context, answer(poll('a'))), { status: 200, json: '[]' })
  answerPoll(context, answer(poll('a')))
  answerPoll(context, answer(poll('b')))
  answerPoll(context, answer(null))
  assert.deepEqual(written, [
    { name: 'recordPoll', args: { queueIds: ['q'], deploymentIds: [] } },
    { name: 'recordPoll', args: { queueIds: ['q'], deploymentIds: [] } },
  ])
})

test('however many poll, only so many notes are under way', async () => {
  const { context, written, settle } = fakeContext()
  for (let poller = 0; poller < 100; poller += 1) answerPoll(context, answer(poll(`p${poller}`)))
  assert.equal(written.length, defaultLimits.pollNotes)
  for (const done of settle) done()
  await new Promise((resolve) => setImmediate(resolve))
  answerPoll(context, answer(poll('p99')))
  assert.equal(written.length, defaultLimits.pollNotes + 1)
})
