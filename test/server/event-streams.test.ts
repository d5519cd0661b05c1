import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testBound } from './bound.ts'
import { eventually, startTestServer, type TestServer } from './in-process.ts'

interface ServerSentEvent {
  id?: string
  event?: string
  data?: { event?: { id: string }; log?: { message: string }; status?: string; code?: number }
}

interface EventStream {
  status: number
  headers: Headers
  events: ServerSentEvent[]
  /** The whole text so far. */
  text(): string
  close(): void
}

function event(number: number): { id: string } {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  return { id, ...{ occurred: new Date().toISOString(), event: 'test.happened', resource: { 'prefect.resource.id': `test.thing.${number}` } } }
}

/** Reads server-sent events as a browser does. */
async function open(t: { after(work: () => void): void }, server: TestServer, path: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const controller = new AbortController()
  t.after(() => controller.abort())
  const answer = await fetch(server.url + path, { headers, signal: controller.signal })
  const events: ServerSentEvent[] = []
  let text = ''
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of answer.body!) {
      const piece = decoder.decode(chunk as Uint8Array, { stream: true })
      text += piece
      const blocks = (rest + piece).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? ['', '']))
        if (fields['data']) events.push({ ...fields, data: JSON.parse(fields['data']) } as ServerSentEvent)
      }
    }
  }
  if (answer.status === 200) read().catch(() => {})
  return { status: answer.status, headers: answer.headers, events, text: () => text, close: () => controller.abort() }
}

const prefix = `filter=${encodeURIComponent('{"event":{"prefix":["test."]}}')}`

/** The stream is live: an event published now reaches it. */
async function untilOpen(server: TestServer, endpoint = 'events-sse'): Promise<void> {
  await eventually(async () => (await server.metric(`spillway_stream_subscriptions{endpoint="${endpoint}",mode="live"}`)) > 0, 'the subscription')
}

test('events come as server-sent events, with their cursors as ids, through buffering proxies too', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '0.2' })
  const stream = await open(t, server, `/api/spillway/events/stream?${prefix}`)
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(stream.headers.get('cache-control'), 'no-store')
  assert.equal(stream.headers.get('x-accel-buffering'), 'no')
  await untilOpen(server)
  await server.post('/api/events', [event(1), { ...event(2), event: 'other' }, event(3)])
  await eventually(() => stream.events.length >= 2, 'two events')
  assert.deepEqual(stream.events.map((one) => one.data?.event?.id), [event(1).id, event(3).id])
  assert.ok(stream.events.every((one) => one.event === 'event' && one.id !== undefined))
  await eventually(() => (stream.text().match(/^: /gm) ?? []).length >= 2, 'signs of life')
})

test('Last-Event-ID goes on where the stream was cut', async (t) => {
  const server = await startTestServer(t)
  const first = await open(t, server, `/api/spillway/events/stream?${prefix}`)
  await untilOpen(server)
  await server.post('/api/events', [event(1), event(2)])
  await eventually(() => first.events.length === 2, 'two events')
  first.close()
  await server.post('/api/events', [event(3)])
  const second = await open(t, server, `/api/spillway/events/stream?${prefix}`, { 'last-event-id': first.events[0]!.id! })
  await server.post('/api/events', [event(4)])
  await eventually(() => second.events.length >= 4, 'the missed ones')
  assert.deepEqual(second.events.map((one) => one.data?.status ?? one.data?.event?.id), ['resumed', event(2).id, event(3).id, event(4).id])
})

test('log lines come the same way', async (t) => {
  const server = await startTestServer(t)
  const stream = await open(t, server, '/api/spillway/logs/stream')
  await untilOpen(server, 'logs-sse')
  await server.post('/api/logs/', [{ name: 'test', level: 20, message: 'hello', timestamp: new Date().toISOString() }])
  await eventually(() => stream.events[0], 'a line')
  assert.equal(stream.events[0]?.data?.log?.message, 'hello')
})

test('a filter that cannot be used is answered with 422 and its place', async (t) => {
  const server = await startTestServer(t)
  for (const filter of ['nonsense', '{"event":7}']) {
    const answer = await server.get(`/api/spillway/events/stream?filter=${encodeURIComponent(filter)}`)
    assert.equal(answer.status, 422)
    const body = (await answer.json()) as { exception_detail: { loc: unknown[] }[] }
    assert.deepEqual(body.exception_detail[0]?.loc.slice(0, 2), ['query', 'filter'])
  }
})

test('with a password, a browser gets in with a ticket, and the ticket opens nothing else', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_AUTH_STRING: 'admin:secret' })
  const bare = (path: string): Promise<Response> => fetch(server.url + path)
  assert.equal((await bare('/api/spillway/events/stream')).status, 401)
  assert.equal((await fetch(`${server.url}/api/spillway/stream-tickets`, { method: 'POST' })).status, 401)
  const issued = await server.post('/api/spillway/stream-tickets', '')
  assert.equal(issued.status, 201)
  const { ticket, expires } = (await issued.json()) as { ticket: string; expires: string }
  assert.ok(Date.parse(expires) > Date.now())
  const stream = await open(t, server, `/api/spillway/events/stream?ticket=${ticket}`)
  assert.equal(stream.status, 200)
  assert.equal((await bare(`/api/spillway/events/stream?ticket=${ticket}x`)).status, 401)
  assert.equal((await bare(`/api/admin/version?ticket=${ticket}`)).status, 401)
  assert.equal((await fetch(`${server.url}/api/spillway/stream-tickets?ticket=${ticket}`, { method: 'POST' })).status, 401)
})

test('at the end of the server a stream is told to come back', async (t) => {
  const server = await startTestServer(t)
  const stream = await open(t, server, '/api/spillway/events/stream')
  await untilOpen(server)
  await server.close()
  await eventually(() => stream.events.at(-1)?.event === 'close', 'the word')
  assert.equal(stream.events.at(-1)?.data?.code, 1012)
})

testBound('sseConnections', 'a further stream is refused with 503 and Retry-After', async (t) => {
  const server = await startTestServer(t, {}, { sseConnections: 1 })
  await open(t, server, '/api/spillway/events/stream')
  const refused = await server.get('/api/spillway/events/stream')
  assert.equal(refused.status, 503)
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
  assert.equal(await server.reached('sseConnections'), 1)
})
