import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { after, before, describe, test, type TestContext } from 'node:test'
import { emitEvent, Session, setDefaultSession, subscribe, type EventQuery, type StoredEvent, type SubscribeOptions } from '../index.ts'
import { readSdkSettings } from '../settings.ts'
import { testServer, type TestServer } from '../testing/index.ts'
import { filterOf } from './event-query.ts'

test('a query becomes a filter: whole names and beginnings, ids, labels and related resources', () => {
  assert.deepEqual(filterOf({}), {})
  assert.deepEqual(filterOf({ event: ['order.paid', 'invoice.*'], resource: 'order.*', labels: { shop: 'north' }, related: 'customer.1' }), {
    event: { name: ['order.paid'], prefix: ['invoice.'] },
    resource: { id_prefix: ['order.'], labels: { shop: 'north' } },
    related: { id: ['customer.1'] },
  })
})

interface Gate {
  readonly apiUrl: string
  /** Upgrades are answered so; undefined: they pass. */
  refusal: string | undefined
  /** Whether server-sent events are refused as well. */
  refusesSse: boolean
  cut(): void
}

/** A proxy before a server, which cuts connections and refuses upgrades when told to. */
async function startGate(t: TestContext, apiUrl: string): Promise<Gate> {
  const { hostname, port } = new URL(apiUrl)
  const sockets = new Set<Socket>()
  const server = createServer((asked: IncomingMessage, answer: ServerResponse) => {
    if (gate.refusesSse && asked.url!.includes('/stream')) return answer.writeHead(404).end('{"detail":"Not Found"}')
    asked.pipe(forward({ hostname, port, path: asked.url, method: asked.method, headers: asked.headers }, (given) => {
      answer.writeHead(given.statusCode!, given.headers)
      given.pipe(answer)
      given.on('error', () => answer.destroy())
    }).on('error', () => answer.destroy()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gate: Gate = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    refusal: undefined,
    refusesSse: false,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
  server.on('upgrade', (asked, socket: Socket, head: Buffer) => {
    if (gate.refusal) return socket.end(gate.refusal)
    const upstream = connect(Number(port), hostname, () => {
      upstream.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${asked.rawHeaders.map((part, index) => (index % 2 ? `${part}\r\n` : `${part}: `)).join('')}\r\n`)
      upstream.write(head)
      socket.pipe(upstream).pipe(socket)
    })
    sockets.add(socket)
    for (const side of [socket, upstream]) side.on('error', () => {}).on('close', () => { socket.destroy(); upstream.destroy(); sockets.delete(socket) })
  })
  t.after(() => {
    gate.cut()
    server.closeAllConnections()
    server.close()
  })
  return gate
}

describe('a subscription', { timeout: 60_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await testServer()
  })
  after(() => server.close())

  /** Emits events of one name, numbered, and waits until the server has them. */
  async function emit(name: string, from: number, count: number): Promise<void> {
    setDefaultSession(server.session)
    for (let number = from; number < from + count; number++) emitEvent(name, { resource: { id: `thing.${number}` }, payload: { number } })
    await server.session.flush()
  }

  function sessionAt(t: TestContext, apiUrl: string, log: string[] = []): void {
    const session = new Session({ settings: readSdkSettings({ PREFECT_HOME: server.session.settings.resultsFolder, PREFECT_API_URL: apiUrl }), logSink: ({ message }) => log.push(message), random: () => 0 })
    setDefaultSession(session)
    t.after(async () => {
      await session.close()
      setDefaultSession(server.session)
    })
  }

  /** The numbers of the first events; `each` is told of every one. */
  async function numbers(query: EventQuery, count: number, options: SubscribeOptions = {}, each: (event: StoredEvent, seen: number) => unknown = () => {}): Promise<unknown[]> {
    const seen: unknown[] = []
    for await (const event of subscribe(query, options)) {
      seen.push((event.payload as { number: number }).number)
      await each(event, seen.length)
      if (seen.length === count) break
    }
    return seen
  }

  test('gives what was and what comes, in order, and only what fits', async () => {
    await emit('first.told', 0, 3)
    await emit('first.other', 0, 3)
    const seen = numbers({ event: 'first.t*' }, 6, { since: '5m' })
    await emit('first.told', 3, 3)
    assert.deepEqual(await seen, [0, 1, 2, 3, 4, 5])
    assert.deepEqual(await numbers({ event: 'first.told', resource: 'thing.4' }, 1, { since: '5m' }), [4])
  })

  test('reads what lies further back than a stream reaches', async () => {
    setDefaultSession(server.session)
    const occurred = new Date(Date.now() - 3 * 3_600_000)
    for (let number = 0; number < 120; number++) emitEvent('old.told', { resource: { id: `thing.${number}` }, payload: { number }, occurred: new Date(occurred.getTime() + number) })
    await server.session.flush()
    const seen = numbers({ event: 'old.told' }, 123, { since: '1d' })
    await emit('old.told', 120, 3)
    assert.deepEqual(await seen, Array.from({ length: 123 }, (_, number) => number))
  })

  test('misses nothing and repeats nothing when its connection breaks', async (t) => {
    const gate = await startGate(t, server.apiUrl)
    sessionAt(t, gate.apiUrl)
    const subscription = subscribe({ event: 'broken.told' }, { since: '1m' })
    await emit('broken.told', 0, 5)
    const seen: unknown[] = []
    for await (const event of subscription) {
      seen.push((event.payload as { number: number }).number)
      if (seen.length === 5 || seen.length === 10) {
        gate.cut()
        await emit('broken.told', seen.length, 5)
      }
      if (seen.length === 15) break
    }
    assert.deepEqual(seen, Array.from({ length: 15 }, (_, number) => number))
    // Another process goes on from where this one was.
    await emit('broken.told', 15, 1)
    assert.deepEqual(await numbers({ event: 'broken.told' }, 1, { cursor: subscription.cursor }), [15])
  })

  for (const refusesSse of [false, true]) {
    test(`takes ${refusesSse ? 'to asking where no stream passes at all' : 'server-sent events where the websocket is blocked'}, and says so once`, async (t) => {
      const log: string[] = []
      const gate = await startGate(t, server.apiUrl)
      gate.refusal = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'
      gate.refusesSse = refusesSse
      sessionAt(t, gate.apiUrl, log)
      const name = `blocked-${refusesSse}.told`
      const subscription = subscribe({ event: name }, { since: '1m', pollEvery: '50ms' })
      await emit(name, 0, 3)
      const seen: unknown[] = []
      for await (const event of subscription) {
        seen.push((event.payload as { number: number }).number)
        if (seen.length === 3) await emit(name, 3, 3)
        if (seen.length === 6) break
      }
      assert.deepEqual(seen, [0, 1, 2, 3, 4, 5])
      assert.equal(subscription.transport, refusesSse ? 'poll' : 'sse')
      assert.equal(log.filter((line) => /is blocked/.test(line)).length, refusesSse ? 2 : 1)
    })
  }

  test('ends with its signal, and a slow reader holds up nobody but itself', async () => {
    const stop = new AbortController()
    const seen: unknown[] = []
    await emit('slow.told', 0, 600)
    for await (const event of subscribe({ event: 'slow.told' }, { since: '1m', signal: stop.signal })) {
      seen.push((event.payload as { number: number }).number)
      if (seen.length % 100 === 0) await new Promise(setImmediate)
      if (seen.length === 600) stop.abort()
    }
    assert.deepEqual(seen, Array.from({ length: 600 }, (_, number) => number))
  })

  test('a filter that the server cannot use is an error, and no endless trying', async () => {
    setDefaultSession(server.session)
    await assert.rejects(numbers({ labels: { shop: 7 as never } }, 1), /cannot use this filter/)
  })
})
