/** One address opens 5,000 connections (C12). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { freePort } from '../server/free-port.ts'
import { rawPeer, startHttpTarget, statusesOf } from './lib/http-fault.ts'

/** All of the greedy one's peers come from 127.0.0.2. */
const greedy = 8

test('5,000 connections of one address take the places of that address, and others are let in and served', async (t) => {
  // A probe on the port of all would stand in line behind thousands of dials.
  const healthPort = await freePort()
  const server = await startHttpTarget(t, { connectionsPerAddress: 500, connections: 2_000 }, { SPILLWAY_HEALTH_LISTEN: `127.0.0.1:${healthPort}` })
  const peers = []
  for (let i = 0; i < 5_000; i += 1) {
    const peer = rawPeer(t, server.port, greedy)
    peer.socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n') // Else it would be closed as one that never speaks.
    peers.push(peer)
    if (i % 500 === 499) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const health = probeHealth(t, `http://127.0.0.1:${healthPort}`, 4)
  await eventually(async () => (await server.reached('connectionsPerAddress')) === 4_500, 'all but 500 to be refused', 30)
  assert.equal(await server.reached('connections'), 0)
  const others = Array.from({ length: 300 }, (_, i) => rawPeer(t, server.port, 1 + (i % 7)))
  for (const { socket } of others) socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  await Promise.all(others.map(({ ended }) => ended))
  assert.deepEqual(others.flatMap(({ received }) => statusesOf(received())).filter((status) => status !== 200), [])
  assert.equal(others.filter(({ received }) => statusesOf(received()).length === 1).length, 300)
  assertHealthy(await health, 10)
  // Those that the address keeps are served.
  const kept = peers.filter(({ socket }) => !socket.destroyed)
  assert.equal(kept.length, 500)
  assert.deepEqual(kept.filter(({ received }) => statusesOf(received())[0] !== 200), [])
  for (const { socket } of kept) socket.destroy()
  await eventually(() => {
    const peer = rawPeer(t, server.port, greedy)
    peer.socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    return peer.ended.then(() => statusesOf(peer.received())[0] === 200)
  }, 'a place for the address again')
})
