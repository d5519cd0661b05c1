// Bounds of events, logs and streams, each reached. That of a process with a slow loop against a real server: test/sdk/slow-consumer.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../clock.ts'
import { Session, setDefaultSession, subscribe } from '../index.ts'
import { sdkLimits } from '../limits.ts'
import { openLinkedChannel } from '../link/linked-channel.ts'
import { LinkedLogs } from '../link/linked-logs.ts'
import { RunnerLink } from '../link/runner-link.ts'
import type { FromRun } from '../link/messages.ts'
import { readSdkSettings, type SdkSettings } from '../settings.ts'
import { Backoff } from './backoff.ts'
import { EventEmitter } from './emitter.ts'
import { socketFeed } from './event-feed.ts'
import { LogSender, type LogRecord } from './log-sender.ts'
import { defaultOutboxLimits, Outbox } from './outbox.ts'
import { openStream, StreamRefusedError } from './stream-socket.ts'

const never = new AbortController().signal

/** A server of streams. `serve` gets a socket once its filter has come; without it nobody is let in. */
async function streamServer(t: TestContext, serve?: (socket: WebSocket) => unknown): Promise<SdkSettings> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.after(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.once('message', () => {
      if (!serve) return
      socket.send('{"type":"auth_success"}')
      socket.once('message', () => void serve(socket))
    })
  })
  return readSdkSettings({ PREFECT_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, PREFECT_HOME: '/nowhere' })
}

async function turnsUntil(check: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 200_000; turn++) {
    if (check()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.fail(`waited in vain for ${what}`)
}

test('handshakeTimeoutMs: a server that takes the upgrade and lets nobody in is given up', async (t) => {
  const settings = await streamServer(t)
  let error: unknown
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const opening = openStream(settings, '/events/out', {}).catch((thrown: unknown) => (error = thrown))
  // The time begins when the socket is made, and that takes some turns.
  await turnsUntil(() => (t.mock.timers.tick(sdkLimits.handshakeTimeoutMs / 10), error !== undefined), 'the end of the handshake')
  await opening
  assert.ok(error instanceof StreamRefusedError && error.isSilent && !error.isBlocked)
})

test('streamMessageBytes: a message that is larger ends the stream', async (t) => {
  const settings = await streamServer(t, (socket) => socket.send(`{"type":"event","filler":"${'x'.repeat(sdkLimits.streamMessageBytes)}"}`))
  const seen: unknown[] = []
  for await (const message of socketFeed(settings, {}, never)) seen.push(message)
  assert.deepEqual(seen, [])
})

for (const [limit, fillerBytes] of [['subscriptionMessages', 10], ['subscriptionBytes', 512 * 1024]] as const) {
  test(`${limit}: so much waits for who reads, and the socket rests meanwhile`, async (t) => {
    const pause = t.mock.method(WebSocket.prototype, 'pause')
    let sent = 0
    const filler = 'x'.repeat(fillerBytes)
    const settings = await streamServer(t, async (socket) => {
      // One at a time, each when the one before was read: what comes in one piece is all taken.
      while (pause.mock.callCount() === 0) {
        socket.send(JSON.stringify({ type: 'event', number: sent++, filler }))
        socket.ping()
        await Promise.race([once(socket, 'pong'), turnsUntil(() => pause.mock.callCount() > 0, 'a pong or the pause')])
      }
      socket.send('{"type":"last"}')
    })
    const feed = socketFeed(settings, {}, never)
    await feed.next()
    await turnsUntil(() => pause.mock.callCount() > 0, 'the pause')
    const messageBytes = JSON.stringify({ type: 'event', number: 1, filler }).length
    // The first one was taken.
    const expected = limit === 'subscriptionMessages' ? sdkLimits.subscriptionMessages : Math.ceil(sdkLimits.subscriptionBytes / messageBytes)
    assert.ok(sent - 1 >= expected && sent - 1 <= expected + 1, `${sent} were sent`)
    let rest = 0
    for await (const { type } of feed) {
      if (type === 'last') break
      rest++
    }
    assert.equal(rest, sent - 1)
    assert.equal(pause.mock.callCount(), 1)
  })
}

test('seenEvents: so many ids are known by which repetitions are left out', async (t) => {
  const settings = await streamServer(t, (socket) => {
    const send = (id: number | string): void => socket.send(JSON.stringify({ type: 'event', event: { id: String(id), event: 'x', occurred: new Date().toISOString(), resource: {}, payload: {} } }))
    for (let id = 0; id <= sdkLimits.seenEvents; id++) send(id)
    for (const id of [0, sdkLimits.seenEvents, 'last']) send(id)
  })
  const session = new Session({ settings, logSink: () => {} })
  setDefaultSession(session)
  t.after(async () => {
    setDefaultSession(undefined)
    await session.close()
  })
  const ids: string[] = []
  for await (const { id } of subscribe()) {
    ids.push(id)
    if (id === 'last') break
  }
  assert.deepEqual(ids.slice(sdkLimits.seenEvents), [String(sdkLimits.seenEvents), '0', 'last'])
})

test('reconnectFirstMs and reconnectLongestMs: delays lie between them', () => {
  const [shortest, longest] = [new Backoff(() => 0), new Backoff(() => 1)]
  const delays = Array.from({ length: 20 }, () => [shortest.nextMs(), longest.nextMs()] as const)
  assert.deepEqual(new Set(delays.map(([least]) => least)), new Set([sdkLimits.reconnectFirstMs]))
  assert.equal(delays.at(-1)![1], sdkLimits.reconnectLongestMs)
})

test('outboxEvents, outboxBytes and spillBytes: an outbox that is told nothing else has these', (t) => {
  assert.deepEqual(defaultOutboxLimits, { eventsMax: sdkLimits.outboxEvents, bytesMax: sdkLimits.outboxBytes, spillBytesMax: sdkLimits.spillBytes })
  const [many, large] = [new Outbox(), new Outbox()]
  t.after(() => [many, large].forEach((outbox) => outbox.close()))
  for (let event = 0; event <= sdkLimits.outboxEvents; event++) void many.add({ json: '{}', isState: true })
  assert.equal(many.spilled, 1)
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let event = 0; event <= sdkLimits.outboxBytes / megabyte.length; event++) void large.add({ json: megabyte, isState: true })
  assert.equal(large.spilled, 1)
})

test('postEvents: one request by HTTP carries so many', async (t) => {
  const sizes: number[] = []
  const open = async (): Promise<never> => Promise.reject(new StreamRefusedError('no websockets here', true))
  const emitter = new EventEmitter({ settings: readSdkSettings({ PREFECT_API_URL: 'http://127.0.0.1:1' }), clock: systemClock(), warn: () => {}, random: () => 0, open, client: { createEvents: async (text) => void sizes.push((JSON.parse(text) as unknown[]).length) } })
  t.after(() => emitter.close())
  for (let id = 0; id < 2 * sdkLimits.postEvents + 50; id++) void emitter.emit({ id }, true)
  assert.equal(await emitter.flush(10_000), 0)
  assert.equal(Math.max(...sizes), sdkLimits.postEvents)
})

test('failuresBeforeHttp: HTTP is tried beside a stream that fails so often', async (t) => {
  let dials = 0
  const dialsAtPost: number[] = []
  const open = async (): Promise<never> => Promise.reject(new Error(`dial ${++dials} failed`))
  const emitter = new EventEmitter({ settings: readSdkSettings({ PREFECT_API_URL: 'http://127.0.0.1:1' }), clock: systemClock(), warn: () => {}, random: () => 0, open, client: { createEvents: async () => void dialsAtPost.push(dials) } })
  t.after(() => emitter.close())
  void emitter.emit({ id: 1 }, true)
  assert.equal(await emitter.flush(20_000), 0)
  assert.deepEqual(dialsAtPost, [sdkLimits.failuresBeforeHttp])
})

const record = (message: string, level = 20): LogRecord => ({ name: 'x', level, message, timestampUs: 1 })

/** A sender of logs whose batches are seen. */
function logsTo(createLogs: (batch: readonly { message: string }[]) => Promise<void>): LogSender {
  return new LogSender({ client: { createLogs: createLogs as never }, clock: systemClock(), patienceMs: 0 })
}

test('logBatchRecords, logBatchBytes and logMessageChars: batches of logs are so large, and messages so long', async () => {
  const batches: string[][] = []
  const logs = logsTo(async (batch) => void batches.push(batch.map(({ message }) => message)))
  for (let line = 0; line <= sdkLimits.logBatchRecords; line++) logs.add(record(`line ${line}`))
  await logs.flush(1000)
  assert.deepEqual(batches.map(({ length }) => length), [sdkLimits.logBatchRecords, 1])
  logs.add(record('x'.repeat(2 * sdkLimits.logMessageChars)))
  await logs.flush(1000)
  assert.equal(batches.at(-1)![0], `${'x'.repeat(sdkLimits.logMessageChars)}… (cut)`)
  batches.length = 0
  for (let bytes = 0; bytes < 2.5 * sdkLimits.logBatchBytes; bytes += 100_000) logs.add(record('y'.repeat(100_000)))
  await logs.flush(1000)
  assert.ok(batches.length >= 3)
  for (const batch of batches) assert.ok(batch.join('').length <= sdkLimits.logBatchBytes)
})

test('logBufferBytes: logs that wait beyond it are dropped, debug first, and a line tells how many', async () => {
  const seen: string[] = []
  let goOn = (): void => {}
  let held: Promise<void> | undefined = new Promise<void>((resolve) => (goOn = resolve))
  const logs = logsTo(async (batch) => {
    await held
    seen.push(...batch.map(({ message }) => message.slice(0, 60)))
  })
  const filler = 'x'.repeat(sdkLimits.logBufferBytes / 100)
  for (let line = 0; line < 50; line++) logs.add(record(`debug ${filler}`, 10))
  for (let line = 0; line < 90; line++) logs.add(record(`info ${filler}`))
  goOn()
  held = undefined
  await logs.flush(10_000)
  assert.equal(seen.filter((line) => line.startsWith('info')).length, 90)
  const dropped = Number(/^(\d+) log records were dropped/.exec(seen.find((line) => line.includes('dropped')) ?? '')?.[1])
  assert.equal(seen.filter((line) => !line.includes('dropped')).length + dropped, 140)
})

test('linkedLogRecords: a run keeps copies of so many records that its runner has', () => {
  const sent: FromRun[] = []
  const own = logsTo(async () => {})
  const logs = new LinkedLogs(new RunnerLink((message) => void sent.push(message)), own)
  for (let line = 0; line < sdkLimits.linkedLogRecords + 10; line++) logs.add(record(`line ${line}`))
  assert.equal(sent.length, sdkLimits.linkedLogRecords + 10)
  assert.equal(logs.pending, sdkLimits.linkedLogRecords)
})

test('linkedEvents: a run hands over so many events before its runner confirms some', async (t) => {
  let handed = 0
  const link = new RunnerLink((message, sent) => {
    if (message.kind === 'events') handed += message.events.length
    sent()
  })
  const emitter = new EventEmitter({ settings: readSdkSettings({}), clock: systemClock(), warn: () => {}, client: { createEvents: async () => {} }, open: async () => openLinkedChannel(link) })
  t.after(() => emitter.close())
  for (let id = 0; id < sdkLimits.linkedEvents + 100; id++) void emitter.emit({ id }, true)
  await turnsUntil(() => handed === sdkLimits.linkedEvents, 'the runner to have as many as it may')
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(handed, sdkLimits.linkedEvents)
  link.receive({ kind: 'confirmed' } as never)
  await turnsUntil(() => handed === sdkLimits.linkedEvents + 100, 'the rest to follow')
})
