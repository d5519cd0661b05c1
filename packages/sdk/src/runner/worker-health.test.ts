import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, ApiUnreachableError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { serveHealth, WorkerHealth } from './worker-health.ts'

const eager = { pollMs: 0 }

test('a worker that polls no more is unwell, unless it is full or its API is away', async () => {
  const health = new WorkerHealth(eager.pollMs, { isFull: () => false })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(health.report().status, 503)
  health.failed(new ApiUnreachableError('gone'))
  assert.deepEqual([health.report().status, health.report().body.api], [200, 'away'])
  health.failed(new ApiError('POST /x', 404, 'the pool is gone'))
  assert.equal(health.report().status, 503)
  assert.equal(new WorkerHealth(eager.pollMs, { isFull: () => true }).report().status, 200)
})

test('a question for runs that is repeated for long is no poll that is stuck', () => {
  let isApiInTrouble = true
  let nowMs = 0
  const health = new WorkerHealth(1000, { isFull: () => false, isApiInTrouble: () => isApiInTrouble, nowMs: () => nowMs })
  nowMs = (sdkLimits.missedPolls + 1) * 1000
  assert.deepEqual([health.report().status, health.report().body.api], [200, 'away'])
  isApiInTrouble = false
  assert.equal(health.report().status, 503)
})

test('it is ready from the first answer of its API on, also while it is full, and not when the API has been away for long', () => {
  let nowMs = 0
  let isFull = false
  const health = new WorkerHealth(1000, { isFull: () => isFull, nowMs: () => nowMs })
  assert.equal(health.readiness().status, 503)
  health.polled()
  nowMs = sdkLimits.missedPolls * 1000
  health.failed(new ApiUnreachableError('gone'))
  assert.equal(health.readiness().status, 200)
  nowMs++
  assert.deepEqual(health.readiness(), { status: 503, body: { message: 'Has not been answered by the API for too long', api: 'away', seconds_since_poll: 30 } })
  isFull = true
  assert.equal(health.readiness().status, 200)
  isFull = false
  health.polled()
  assert.equal(health.readiness().status, 200)
})

test('the endpoint answers health, and nothing else', async (t) => {
  const { url, close } = await serveHealth(new WorkerHealth(10_000, { isFull: () => false }), { host: '127.0.0.1', port: 0 })
  t.after(close)
  const answer = await fetch(url)
  assert.equal(answer.status, 200)
  assert.equal(((await answer.json()) as { message: string }).message, 'OK')
  assert.equal((await fetch(url.replace('/health', '/other'))).status, 404)
})

test('a port that is taken is an error that says so', async (t) => {
  const { url, close } = await serveHealth(new WorkerHealth(10_000, { isFull: () => false }), { host: '127.0.0.1', port: 0 })
  t.after(close)
  await assert.rejects(serveHealth(new WorkerHealth(10_000, { isFull: () => false }), { host: '127.0.0.1', port: Number(new URL(url).port) }), /cannot listen on 127\.0\.0\.1/)
})
