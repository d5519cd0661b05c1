import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, ApiUnreachableError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { mayRepeat, parseRetryAfter, RetryBudget, retryDelayMs } from './retry-policy.ts'

const unreachable = (code: string): ApiUnreachableError => new ApiUnreachableError('no', { cause: Object.assign(new Error(code), { code }) })

test('what may be repeated depends on whether the server can have done it', () => {
  const cases: [Error, repeatable: boolean, expected: boolean][] = [
    [new ApiError('POST /x', 503, ''), false, true],
    [new ApiError('POST /x', 429, ''), false, true],
    [new ApiError('POST /x', 502, ''), false, false],
    [new ApiError('POST /x', 502, ''), true, true],
    [new ApiError('GET /x', 500, ''), true, true],
    [new ApiError('GET /x', 404, ''), true, false],
    [new ApiError('GET /x', 422, ''), true, false],
    [unreachable('ECONNREFUSED'), false, true],
    [unreachable('UND_ERR_CONNECT_TIMEOUT'), false, true],
    [unreachable('ECONNRESET'), false, false],
    [unreachable('ECONNRESET'), true, true],
    [new TypeError('a bug'), true, false],
  ]
  for (const [error, repeatable, expected] of cases) assert.equal(mayRepeat(error, repeatable), expected, `${error.message} ${repeatable}`)
})

test('delays are anywhere up to a bound that doubles to 30 s', () => {
  const highest = [1, 2, 3, 10].map((attempt) => retryDelayMs(attempt, undefined, () => 1))
  assert.deepEqual(highest, [sdkLimits.retryFirstMs, 2 * sdkLimits.retryFirstMs, 4 * sdkLimits.retryFirstMs, sdkLimits.retryLongestMs])
  assert.equal(retryDelayMs(5, undefined, () => 0), 0)
})

test('nobody comes back before Retry-After, and they come spread', () => {
  assert.equal(retryDelayMs(1, 3, () => 0), 3000)
  assert.equal(retryDelayMs(1, 3, () => 1), 5000)
})

test('Retry-After is a number of seconds or a date', () => {
  assert.equal(parseRetryAfter('7', 0), 7)
  assert.equal(parseRetryAfter(new Date(10_000).toUTCString(), 4000), 6)
  assert.equal(parseRetryAfter('soon', 0), undefined)
  assert.equal(parseRetryAfter(undefined, 0), undefined)
})

test('repetitions stay within a fifth of the requests', () => {
  const budget = new RetryBudget()
  let retries = 0
  for (let request = 0; request < 1000; request++) {
    budget.countRequest()
    while (budget.takeRetry()) retries++
  }
  const most = sdkLimits.retriesAtFirst + 1000 * sdkLimits.retryShare
  assert.ok(retries >= most - 1 && retries <= most, String(retries))
})
