// Bounds of calls, of flows and tasks, and of runners, each reached. Those of events, logs and streams: events/event-limits.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { RestClient } from './client/rest.ts'
import { HttpTransport, type HttpRequest } from './client/transport.ts'
import { systemClock, type Clock } from './clock.ts'
import { untilFree } from './concurrency/slots.ts'
import { offlineSession } from './engine/engine.fixture.ts'
import { lockFile } from './engine/file-lock.ts'
import { maskSecrets } from './engine/secret.ts'
import { toTaggedJson } from './engine/tagged-json.ts'
import { watchLoop } from './engine/watch-loop.ts'
import { ApiError, ApiUnreachableError } from './errors.ts'
import { flow, getRunLogger, Secret, Session, task } from './index.ts'
import { sdkLimits } from './limits.ts'
import { LastWords } from './runner/output-lines.ts'
import { WorkerHealth } from './runner/worker-health.ts'
import { readSdkSettings } from './settings.ts'

const settings = { apiUrl: 'http://127.0.0.1:1/api', apiKey: undefined, authString: undefined, customHeaders: {} }

/** A clock on which every delay is over at once. */
function hastyClock(): Clock & { readonly slept: number } {
  const clock = systemClock()
  return Object.assign(Object.create(clock), {
    slept: 0,
    monotonicMs(): number { return this.slept },
    async sleep(ms: number): Promise<void> { this.slept += ms },
  }) as Clock & { readonly slept: number }
}

/** A transport on which every try comes to the same. */
function transportOf(outcome: (request: HttpRequest) => Awaited<ReturnType<HttpTransport['request']>>): { transport: HttpTransport; requests: HttpRequest[] } {
  const requests: HttpRequest[] = []
  const request = async (asked: HttpRequest): Promise<Awaited<ReturnType<HttpTransport['request']>>> => (requests.push(asked), outcome(asked))
  return { transport: { request, close: async () => {} } as unknown as HttpTransport, requests }
}

/** Turns of the event loop until something holds: timers do not go by themselves in the tests that move them. */
async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('connectTimeoutMs: a server that takes the connection and says nothing is given up', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const transport = new HttpTransport({ tlsInsecure: true }, {})
  t.after(async () => {
    await transport.close()
    server.close()
  })
  const startMs = performance.now()
  const call = transport.request({ method: 'GET', url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, headers: {}, timeoutMs: 60_000 })
  await assert.rejects(call, (error: ApiUnreachableError) => (error.cause as { code?: string }).code === 'UND_ERR_CONNECT_TIMEOUT')
  assert.ok(performance.now() - startMs >= sdkLimits.connectTimeoutMs * 0.9)
})

test('tryTimeoutMs and callTimeoutMs: a call that says nothing else has so long for a try, and for all of them', async () => {
  const clock = hastyClock()
  const { transport, requests } = transportOf(() => ({ status: 503, headers: { 'retry-after': '25' }, text: '' }))
  const client = new RestClient({ settings, clock, random: () => 0, transport })
  await assert.rejects(client.call('GET', '/x'), ApiError)
  assert.deepEqual(new Set(requests.map(({ timeoutMs }) => timeoutMs)), new Set([sdkLimits.tryTimeoutMs]))
  assert.ok(requests.length < sdkLimits.attempts && clock.slept <= sdkLimits.callTimeoutMs && clock.slept + 25_000 > sdkLimits.callTimeoutMs)
})

test('mapWindow: so many runs of a map are under way', async (t) => {
  offlineSession(t)
  let running = 0
  const gate = Promise.withResolvers<void>()
  const one = task({ name: 'one' }, async (_index: number) => {
    running++
    await gate.promise
  })
  const maps = flow({ name: 'maps' }, async () => void (await one.map(Array.from({ length: sdkLimits.mapWindow + 50 }, (_, index) => index)).results()))()
  for (let turn = 0; turn < 1000 && running < sdkLimits.mapWindow; turn++) await turns(1)
  await turns()
  assert.equal(running, sdkLimits.mapWindow)
  gate.resolve()
  await maps
})

test('argumentDepth: futures are found so deep, and no deeper', async (t) => {
  offlineSession(t)
  const one = task({ name: 'one' }, () => 1)
  const given = task({ name: 'given' }, (value: unknown) => value)
  const inside = (value: unknown, depth: number): unknown => (depth === 0 ? value : [inside(value, depth - 1)])
  const innermost = (value: unknown): unknown => (Array.isArray(value) ? innermost(value[0]) : value)
  await flow({ name: 'deep' }, async () => {
    assert.equal(innermost(await given(inside(one.submit(), sdkLimits.argumentDepth))), 1)
    assert.notEqual(innermost(await given(inside(one.submit(), sdkLimits.argumentDepth + 1))), 1)
  })()
})

test('resultDepth: a result that is nested deeper, or in itself, is an error', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
  assert.ok(toTaggedJson(nested(sdkLimits.resultDepth)))
  assert.throws(() => toTaggedJson(nested(sdkLimits.resultDepth + 1)), new RegExp(`more than ${sdkLimits.resultDepth} deep`))
})

test('stateMessageChars: of the message of a state the middle is left out', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-sdk-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const messages: number[] = []
  const session = new Session({ settings: readSdkSettings({ PREFECT_HOME: folder }), logSink: () => {}, onEvent: (event) => messages.push(JSON.stringify(event).length) })
  const fails = task({ name: 'fails' }, (): void => {
    throw new Error(`${'a'.repeat(sdkLimits.stateMessageChars)}${'b'.repeat(sdkLimits.stateMessageChars)}`)
  })
  await flow({ name: 'long' }, async () => void (await fails.runWithState())).run({}, { session })
  const longest = Math.max(...messages)
  // An event carries it twice.
  assert.ok(longest > sdkLimits.stateMessageChars && longest < 2 * sdkLimits.stateMessageChars + 10_000, String(longest))
})

test('errorCauses and errorsShown: an error in the log shows so many', async (t) => {
  const { log } = offlineSession(t)
  let error = new Error('the root')
  for (let depth = 0; depth < sdkLimits.errorCauses + 4; depth++) error = new Error(`at ${depth}`, { cause: error })
  const many = new AggregateError(Array.from({ length: sdkLimits.errorsShown + 2 }, (_, index) => new Error(`part ${index}`)), 'the many')
  await flow({ name: 'logs' }, () => [getRunLogger().error(error), getRunLogger().error(many)].length)()
  const [chain, parts] = [log.find((line) => line.includes('Error: at '))!, log.find((line) => line.includes('the many'))!]
  assert.equal(chain.match(/Caused by: /g)!.length, sdkLimits.errorCauses)
  assert.equal(parts.match(/One of /g)!.length, sdkLimits.errorsShown)
})

test('taskAbortGraceMs and flowAbortGraceMs: what does not stop when it is told to has so long, and is let go', async (t) => {
  offlineSession(t)
  const graces = [[flow({ name: 'stubborn', timeout: '1s' }, () => new Promise<void>(() => {})), sdkLimits.flowAbortGraceMs], [task({ name: 'stubborn', timeout: '1s' }, () => new Promise<void>(() => {})), sdkLimits.taskAbortGraceMs]] as const
  t.mock.timers.enable({ apis: ['setTimeout'] })
  for (const [stubborn, graceMs] of graces) {
    let name: string | undefined
    void stubborn.runWithState().then(({ state }) => (name = state.name))
    await turns()
    t.mock.timers.tick(1000)
    await turns()
    t.mock.timers.tick(graceMs - 1)
    await turns()
    assert.equal(name, undefined)
    t.mock.timers.tick(1)
    await turns()
    assert.equal(name, 'TimedOut')
  }
})

test('loopBlockedMs: a loop that is blocked for so long is told in the log', () => {
  const log: string[] = []
  const block = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  const stop = watchLoop({ warn: (message: string) => log.push(message) } as never)
  block(sdkLimits.loopLookMs + sdkLimits.loopBlockedMs + 50)
  stop()
  assert.match(log.join(), /event loop was blocked/)
})

test('fileLockMs: a lock says until when it holds if its process dies', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-lock-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const startMs = Date.now()
  const lock = await lockFile(folder, 'key', systemClock(), new AbortController().signal)
  const { expiration } = JSON.parse(readFileSync(path.join(folder, readdirSync(folder)[0]!), 'utf8')) as { expiration: string }
  assert.ok(Date.parse(expiration) >= startMs + sdkLimits.fileLockMs && Date.parse(expiration) <= Date.now() + sdkLimits.fileLockMs)
  await lock[Symbol.asyncDispose]()
})

test('slotWaitTellMs: after so long the log says what is waited for, once', async () => {
  const clock = hastyClock()
  const told: number[] = []
  let left = 6
  const ask = async (): Promise<string> => {
    if (left-- > 0) throw new ApiError('POST /x', 423, '')
    return 'a slot'
  }
  const request = { names: ['dam'], signal: new AbortController().signal, logger: { info: () => told.push(clock.slept) } as never }
  assert.equal(await untilFree({ clock, random: () => 0 } as never, request, ask), 'a slot')
  assert.equal(told.length, 1)
  assert.ok(told[0]! > sdkLimits.slotWaitTellMs)
})

test('lastWordsChars: of what a run writes the end is kept', () => {
  const words = new LastWords()
  for (let line = 0; line < sdkLimits.lastWordsChars; line++) words.add(`line ${line}`)
  assert.equal(words.text.length, sdkLimits.lastWordsChars)
  assert.ok(words.text.endsWith(`line ${sdkLimits.lastWordsChars - 1}\n`))
})

test('missedPolls: a worker counts as stuck when it has missed so many', (t) => {
  let nowMs = 0
  t.mock.method(performance, 'now', () => nowMs)
  const health = new WorkerHealth(1000, { isFull: () => false })
  nowMs = sdkLimits.missedPolls * 1000 - 1
  assert.equal(health.report().status, 200)
  nowMs = sdkLimits.missedPolls * 1000 + 1
  assert.equal(health.report().status, 503)
})

test('maskedTextChars and maskedTexts: short texts are not masked, and of many the oldest are let go with a warning', async () => {
  const short = new Secret('x'.repeat(sdkLimits.maskedTextChars - 1))
  const first = new Secret('y'.repeat(sdkLimits.maskedTextChars))
  assert.equal(maskSecrets(`${short.get()} ${first.get()}`), `${short.get()} ********`)
  const warned = once(process, 'warning')
  const others = Array.from({ length: sdkLimits.maskedTexts }, (_, index) => new Secret(`secret ${index} of many`))
  assert.equal(maskSecrets(`${first.get()} ${others[0]!.get()}`), `${first.get()} ********`)
  assert.match(String((await warned)[0]), /not masked/)
})
