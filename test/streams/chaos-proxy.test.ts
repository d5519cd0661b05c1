import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startChaosProxy, type Chaos } from './lib/chaos-proxy.ts'

interface Pair {
  client: Socket
  server: Socket
  atClient(): string
  atServer(): string
  proxy: Awaited<ReturnType<typeof startChaosProxy>>
}

/** A client and a server with the proxy between them. */
async function connectedPair(t: TestContext, chaos: Chaos = {}): Promise<Pair> {
  const listener = createServer({ allowHalfOpen: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close())
  const proxy = await startChaosProxy(t, (listener.address() as AddressInfo).port, chaos)
  const accepted = once(listener, 'connection') as Promise<[Socket]>
  const client = connect(proxy.port, '127.0.0.1')
  const [server] = await accepted
  const texts = new Map<Socket, string>([[client, ''], [server, '']])
  for (const socket of [client, server]) {
    socket.on('data', (data) => texts.set(socket, texts.get(socket)! + data.toString('latin1')))
    socket.on('error', () => {})
    t.after(() => socket.destroy())
  }
  return { client, server, proxy, atClient: () => texts.get(client)!, atServer: () => texts.get(server)! }
}

test('the chaos proxy without chaos passes bytes, half-closes and resets through', async (t) => {
  const { client, server, atClient, atServer } = await connectedPair(t)
  const large = 'x'.repeat(3_000_000)
  client.write(large)
  server.write('hello')
  await eventually(() => atServer().length === large.length && atClient() === 'hello', 'the bytes on both sides')
  const ended = once(server, 'end')
  client.end()
  await ended
  const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>
  server.resetAndDestroy()
  assert.equal((await failed)[0].code, 'ECONNRESET')
})

test('the chaos proxy delays by its latency and keeps the order', async (t) => {
  const { client, atServer } = await connectedPair(t, { latencyMs: 200, jitterMs: 50 })
  const startedMs = performance.now()
  for (let i = 0; i < 10; i += 1) client.write(String(i))
  await eventually(() => atServer().length === 10, 'the bytes')
  assert.ok(performance.now() - startedMs >= 199)
  assert.equal(atServer(), '0123456789')
})

test('the chaos proxy lets no more through than its bandwidth', async (t) => {
  const { client, atServer } = await connectedPair(t, { bytesPerSecond: 20_000 })
  const startedMs = performance.now()
  client.write('x'.repeat(10_000))
  await eventually(() => atServer().length === 10_000, 'the bytes')
  assert.ok(performance.now() - startedMs >= 450)
})

test('a black hole swallows data and ends, and keeps the connections', async (t) => {
  const { client, server, atClient, atServer, proxy } = await connectedPair(t)
  proxy.set({ blackHole: 'to-server' })
  client.write('lost')
  server.write('arrives')
  await eventually(() => atClient() === 'arrives', 'the other direction')
  client.end()
  await once(client, 'finish')
  proxy.set({ blackHole: 'both' })
  client.resetAndDestroy()
  await eventually(() => client.destroyed, 'the client to be gone')
  const more = once(server, 'drain')
  while (server.write('y'.repeat(65_536))) continue
  await more
  assert.equal(atServer(), '')
  assert.equal(server.destroyed, false)
  assert.equal(proxy.counts().open, 1)
})

test('a connection is cut after so many bytes, by RST or by FIN', async (t) => {
  for (const cutBy of ['reset', 'end'] as const) {
    const { client, server, atClient, proxy } = await connectedPair(t, { cutAfterBytes: 1_000, cutBy })
    const closed = once(client, cutBy === 'reset' ? 'error' : 'end')
    server.write('x'.repeat(5_000))
    await closed
    if (cutBy === 'end') assert.equal(atClient().length, 1_000)
    assert.equal(proxy.counts().cut, 1)
  }
})

test('each connection is cut after its own time', async (t) => {
  const startedMs = performance.now()
  const { client, proxy } = await connectedPair(t, { cutAfterMs: [100, 300] })
  await eventually(() => client.destroyed, 'the cut')
  assert.ok(performance.now() - startedMs >= 90)
  assert.equal(proxy.counts().cut, 1)
})

test('a proxy that is down refuses dials, and is there again on the same port', async (t) => {
  const { client, proxy } = await connectedPair(t)
  const reset = once(client, 'error')
  await proxy.down()
  await reset
  const [refused] = (await once(connect(proxy.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  assert.equal(refused.code, 'ECONNREFUSED')
  await proxy.up()
  const again = connect(proxy.port, '127.0.0.1')
  t.after(() => again.destroy())
  await once(again, 'connect')
})

test('without bandwidth the sender sees a full window', async (t) => {
  const { client, atServer, proxy } = await connectedPair(t, { bytesPerSecond: 0 })
  while (client.write('z'.repeat(1_048_576)) || client.writableLength < 32 * 1_048_576) continue
  // Another connection's whole life later nothing has come, and the client still waits.
  const other = await connectedPair(t)
  other.client.end('x')
  await once(other.server, 'end')
  assert.equal(atServer(), '')
  assert.ok(client.writableNeedDrain)
  proxy.calm()
  await once(client, 'drain')
})
