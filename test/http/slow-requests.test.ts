/** Heads and bodies that come a byte at a time, or never whole (C02). */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { freePort } from '../server/free-port.ts'
import { rawPeer, soak, startHttpTarget, statusesOf, type HttpTarget, type RawPeer } from './lib/http-fault.ts'

const headersMs = soak ? 10_000 : 4_000
const requestMs = soak ? 60_000 : 8_000
const checkMs = 1_000
/** What the machine may add to the time at which a peer sees its answer. */
const slackMs = 30_000
/** How often a slow peer sends. At the catalogue's twice a second, five thousand of them would fill the machine by themselves. */
const dripEveryMs = soak ? 2_000 : 1_500

/** Opens peers that send `start` at once and then one byte of `rest` at a time, for ever. Resolves with how each ended, and when. */
async function drip(peers: readonly RawPeer[], start: string, rest: string): Promise<{ statuses: Record<string, number>; latestMs: number }> {
  for (const { socket } of peers) socket.write(start)
  let at = 0
  const timer = setInterval(() => {
    const byte = rest[at % rest.length] ?? 'x'
    at += 1
    for (const { socket } of peers) if (socket.writable) socket.write(byte)
  }, dripEveryMs)
  const times = await Promise.all(peers.map(({ ended }) => ended))
  clearInterval(timer)
  const statuses: Record<string, number> = {}
  for (const { received } of peers) {
    const status = String(statusesOf(received())[0] ?? 'none')
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  return { statuses, latestMs: Math.max(...times) }
}

/** Health is probed on a listener of its own: on the other one a probe would stand in line behind 5,000 dials. */
async function startTarget(t: { after(work: () => unknown): void }, limits: Readonly<Record<string, number>>): Promise<HttpTarget & { healthUrl: string }> {
  const listen = `127.0.0.1:${await freePort()}`
  return { ...(await startHttpTarget(t, limits, { SPILLWAY_HEALTH_LISTEN: listen })), healthUrl: `http://${listen}` }
}

async function open(t: { after(work: () => unknown): void }, port: number, count: number): Promise<RawPeer[]> {
  const peers: RawPeer[] = []
  for (let i = 0; i < count; i += 1) {
    peers.push(rawPeer(t, port, i))
    if (i % 250 === 249) await delay(20)
  }
  return peers
}

test('5,000 heads that drip are answered 408 in time, and health does not notice', async (t) => {
  const server = await startTarget(t, { headersTimeoutMs: headersMs, connectionsCheckEveryMs: checkMs })
  const peers = await open(t, server.port, 5_000)
  const [{ statuses, latestMs }, health] = await Promise.all([
    drip(peers, 'GET /api/flows/ HTTP/1.1\r\nHost: localhost\r\n', 'X-Slow: yes\r\n'),
    probeHealth(t, server.healthUrl, Math.ceil(headersMs / 1000) + 1),
  ])
  assert.deepEqual(statuses, { 408: 5_000 })
  assert.ok(latestMs < headersMs + checkMs + slackMs, `the last one after ${Math.round(latestMs)} ms`)
  assert.equal(await server.reached('headersTimeoutMs'), 5_000)
  assertHealthy(health, 20)
})

test('bodies that drip, and bodies shorter than they were said to be, are answered 408 in time, and health does not notice', async (t) => {
  // As long for the heads: on a busy machine 5,000 of them are not read at once.
  const server = await startTarget(t, { requestTimeoutMs: requestMs, headersTimeoutMs: requestMs, connectionsCheckEveryMs: checkMs })
  const dripping = await open(t, server.port, 2_500)
  const short = await open(t, server.port, 2_500)
  const head = 'POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"name": "'
  for (const { socket } of short) socket.write(head)
  const [first, second, health] = await Promise.all([
    drip(dripping, head, 'y'),
    Promise.all(short.map(({ ended }) => ended)),
    probeHealth(t, server.healthUrl, Math.ceil(requestMs / 1000) + 1),
  ])
  assert.deepEqual(first.statuses, { 408: 2_500 })
  assert.deepEqual(short.filter(({ received }) => statusesOf(received())[0] !== 408), [])
  const latestMs = Math.max(first.latestMs, ...second)
  assert.ok(latestMs < requestMs + checkMs + slackMs, `the last one after ${Math.round(latestMs)} ms`)
  const asBodies = await server.reached('requestTimeoutMs')
  assert.ok(asBodies > 0)
  assert.equal(asBodies + (await server.reached('headersTimeoutMs')), 5_000)
  assertHealthy(health, 20)
})

test('a slow sender that comes to its end in time is served', async (t) => {
  const server = await startHttpTarget(t)
  const peer = rawPeer(t, server.port)
  const body = '{"name":"slow"}'
  peer.socket.write(`POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`)
  for (const byte of body) {
    peer.socket.write(byte)
    await delay(50)
  }
  await peer.ended
  assert.deepEqual(statusesOf(peer.received()), [201])
})
