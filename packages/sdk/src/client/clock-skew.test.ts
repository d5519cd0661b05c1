import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, type Clock } from '../clock.ts'
import { sdkLimits } from '../limits.ts'
import { Session } from '../session.ts'
import { readSdkSettings } from '../settings.ts'
import { ClockSkew, skewOf } from './clock-skew.ts'
import type { HttpTransport } from './transport.ts'

const noonMs = Date.UTC(2026, 0, 1, 12)
const dateOf = (ms: number): string => new Date(ms).toUTCString()

test('the difference of clocks is the least that fits: neither a slow answer nor the missing fraction of the header is one', () => {
  const cases: [header: number, sent: number, received: number, skew: number][] = [
    [0, 0, 10, 0],
    // The header says noon until a second after.
    [0, 990, 999, 0],
    // Eight seconds on the way, and the server wrote the date at some moment of them.
    [4000, 0, 8000, 0],
    [8000, 0, 2000, 6000],
    [-8000, 0, 2000, -7000],
    [60_000, 0, 20, 59_980],
  ]
  for (const [header, sent, received, skew] of cases) {
    assert.equal(skewOf(dateOf(noonMs + header), { sentMs: noonMs + sent, receivedMs: noonMs + received }), skew, String([header, sent, received]))
  }
  assert.equal(skewOf('at noon', { sentMs: noonMs, receivedMs: noonMs }), undefined)
})

test('a difference is told above clockSkewMs, once, and again when it has become another one', () => {
  const told: number[] = []
  const skew = new ClockSkew((ms) => told.push(ms))
  const isAhead = (ms: number): void => skew.note(dateOf(noonMs + ms), { sentMs: noonMs, receivedMs: noonMs })
  const bound = sdkLimits.clockSkewMs
  for (const ms of [0, bound, bound + 1000, bound + 2000, bound, 0, bound + 1000, 2 * bound + 1000, 3 * bound, -bound - 2000]) isAhead(ms)
  assert.deepEqual(told, [bound + 1000, 3 * bound, -bound - 1000])
  assert.equal(skew.lastMs, -bound - 1000)
})

/** A session on this clock with a server on another one. */
function sessionOn(clockMs: () => number, answer: { status?: number; headers: Record<string, string> }): { session: Session; said: string[] } {
  const said: string[] = []
  const clock: Clock = { ...systemClock(), nowUs: () => clockMs() * 1000 }
  const request = async (): Promise<object> => ({ status: answer.status ?? 200, text: '{}', headers: { 'content-type': 'application/json', ...answer.headers } })
  const session = new Session({
    clock,
    settings: readSdkSettings({ PREFECT_HOME: '/nowhere', PREFECT_API_URL: 'http://127.0.0.1:1/api' }),
    logSink: ({ message }) => void said.push(message),
    transport: { request, close: async () => {} } as unknown as HttpTransport,
  })
  return { session, said }
}

test('a session warns of a server on another clock, and says what to do', async (t) => {
  let nowMs = noonMs
  const { session, said } = sessionOn(() => nowMs, { headers: { date: dateOf(noonMs) } })
  t.after(() => session.close())
  const call = (): Promise<unknown> => session.remote!.client.call('GET', '/version')
  await call()
  assert.deepEqual(said, [])
  nowMs = noonMs + 90_000
  for (let calls = 0; calls < 3; calls++) await call()
  assert.equal(said.length, 1)
  assert.match(said[0]!, /^the clock of this process is 89 s ahead of that of the server at http:\/\/127\.0\.0\.1:1\/api: .* NTP /)
})

test('dates of errors, which a proxy may have made, and of what comes from a cache are no dates of the server', async (t) => {
  for (const answer of [{ status: 404, headers: { date: dateOf(0) } }, { headers: { date: dateOf(0), age: '600' } }, { headers: {} }]) {
    const { session, said } = sessionOn(() => noonMs, answer)
    t.after(() => session.close())
    await session.remote!.client.call('GET', '/version').catch(() => {})
    assert.deepEqual(said, [])
  }
})
