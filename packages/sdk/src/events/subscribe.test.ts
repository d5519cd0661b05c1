import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test, type TestContext } from 'node:test'
import { emitEvent, Session, setDefaultSession, subscribe, type EventQuery, type StoredEvent, type SubscribeOptions } from '../index.ts'
import { readSdkSettings } from '../settings.ts'
import { testServer, type TestServer } from '../testing/index.ts'
import { filterOf, fits } from './event-query.ts'

test('a query becomes a filter: whole names and beginnings, ids, labels and related resources', () => {
  assert.deepEqual(filterOf({}), {})
  assert.deepEqual(filterOf({ event: ['order.paid', 'invoice.*'], resource: 'order.*', labels: { shop: 'north' }, related: 'customer.1' }), {
    event: { prefix: ['order.paid', 'invoice.'] },
    resource: { id_prefix: ['order.'], labels: { shop: 'north' } },
    related: { id: ['customer.1'] },
  })
  assert.deepEqual(filterOf({ event: 'order.paid' }), { event: { name: ['order.paid'] } })
  const asked = { event: ['order.paid', 'invoice.*'] }
  const names = ['order.paid', 'order.paid.late', 'invoice.sent', 'order.lost'].filter((event) => fits(asked, { event, resource: {} }))
  assert.deepEqual(names, ['order.paid', 'invoice.sent'])
})

describe('a subscription', { timeout: 180_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await testServer()
  })
  afterEach(() => server.faults.reset())
  after(() => server.close())

  /** Emits events of one name, numbered, and waits until the server has them. */
  async function emit(name: string, from: number, count: number): Promise<void> {
    setDefaultSession(server.session)
    for (let number = from; number < from + count; number++) emitEvent(name, { resource: { id: `thing.${number}` }, payload: { number } })
    await server.session.flush()
  }

  function ownSession(t: TestContext, log: string[] = []): void {
    const session = new Session({ settings: readSdkSettings({ PREFECT_HOME: server.session.settings.resultsFolder, PREFECT_API_URL: server.apiUrl }), logSink: ({ message }) => log.push(message), random: () => 0 })
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
    ownSession(t)
    const subscription = subscribe({ event: 'broken.told' }, { since: '1m' })
    await emit('broken.told', 0, 5)
    const seen: unknown[] = []
    for await (const event of subscription) {
      seen.push((event.payload as { number: number }).number)
      if (seen.length === 5 || seen.length === 10) {
        assert.ok(server.faults.dropSocket() > 0)
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
      server.faults.refuseUpgrade()
      if (refusesSse) server.faults.http(404, { path: '/events/stream', times: Infinity })
      ownSession(t, log)
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
