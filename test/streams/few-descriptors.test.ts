import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { testBound } from '../server/bound.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { startPeers } from './lib/peers.ts'
import { everyEvent } from './lib/publisher.ts'
import { Scrape, ServerGauges } from './lib/server-gauges.ts'

const descriptors = 256
/** What the server makes of them: see fitToDescriptors. */
const websocketsTaken = 144
const dials = 300

/** Fault A28. Without room of its own, a server at the limit can neither accept nor open its files, and spins or dies. */
testBound('reservedDescriptors', '300 dials at a server with 256 descriptors leave it idle and healthy, and it takes others within a second', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc (Linux)')
  const server = await startFaultServer(t, { crowded: true, processLimits: { descriptors } })
  const healthPort = Number(new URL(server.healthUrl).port)
  const gauges = new ServerGauges(t, server.child.pid!, server.url)
  const peers = await startPeers(t, server.url)
  const subscriber = { path: '/api/events/out', first: everyEvent } as const

  const dialled = await peers.dial({ ...subscriber, group: 'first', count: dials, seconds: 10 })
  assert.deepEqual(dialled.stages, { open: websocketsTaken })
  // Who is refused is told to come back, or dropped before a word: never answered with a status, on which stock clients give up.
  for (const end of Object.keys(dialled.ends)) assert.match(end, /^(fin|reset)( 1013.*)?$/)

  // The peers hold their connections now; the server has nothing to do.
  const cpuBefore = gauges.cpuSeconds()
  const wallBefore = performance.now()
  for (let probe = 0; probe < 20; probe += 1) {
    assert.equal((await ask(t, healthPort, '/health')).status, 200)
    await delay(100)
  }
  const busy = (gauges.cpuSeconds() - cpuBefore) / ((performance.now() - wallBefore) / 1000)
  assert.ok(busy < 0.2, `the server used ${Math.round(busy * 100)} % of a core`)
  const reached = async (limit: string) => new Scrape((await ask(t, healthPort, '/metrics')).body).sum('spillway_limit_reached_total', { limit })
  assert.ok((await reached('websocketConnections')) + (await reached('connections')) >= dials - websocketsTaken)
  assert.equal((await fetch(`${server.url}/api/admin/version`)).status, 200, 'requests get through beside the websockets')

  // Connections that say nothing at all: what is over the bound is dropped, and probes have their own way in.
  const droppedBefore = await reached('connections')
  const silent = Array.from({ length: 100 }, () => connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {}))
  t.after(() => silent.forEach((socket) => socket.destroy()))
  await eventually(async () => (await reached('connections')) > droppedBefore, 'connections to be dropped')
  assert.equal((await ask(t, healthPort, '/health')).status, 200)
  silent.forEach((socket) => socket.destroy())

  const droppedMs = performance.now()
  await peers.behave('first', { act: 'reset' })
  await eventually(async () => {
    const again = await peers.dial({ ...subscriber, group: 'again', count: 1, seconds: 1 })
    return again.stages['open'] === 1
  }, 'a free place to be given', 5)
  t.diagnostic(`a free place was given ${Math.round(performance.now() - droppedMs)} ms after others had gone; ${JSON.stringify(dialled.ends)}`)
  const next = await peers.dial({ ...subscriber, group: 'next', count: 100, seconds: 10 })
  assert.deepEqual(next.stages, { open: 100 })
  assert.equal(server.child.exitCode, null, 'the server lives')
})

/** A request on a connection of its own, as a probe's. */
async function ask(t: TestContext, port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  const request = get({ host: '127.0.0.1', port, path, agent: false, signal: t.signal })
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode, body }
}
