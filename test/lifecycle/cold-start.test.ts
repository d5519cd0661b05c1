/** SIGKILL under 2,000 clients, and a start into the storm of their return (I06). */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { freePort } from '../server/free-port.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { cannotRunPeers, startPeers } from '../streams/lib/peers.ts'
import { everyEvent } from '../streams/lib/publisher.ts'
import { postJson } from './lib/runs.ts'

test('killed under 2,000 clients that come back as soon as they can, the server listens within seconds, takes them all, and is healthy', { skip: cannotRunPeers }, async (t) => {
  const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: String(await freePort()) }
  const killed = await startServerProcess(t, env)
  const peers = await startPeers(t, killed.url)
  const dial = { path: '/api/events/out', first: everyEvent, count: 1_800 }
  assert.deepEqual((await peers.dial({ ...dial, group: 'before', atOnce: 300 })).stages, { open: 1_800 })
  // The other 200 ask over HTTP, again and again.
  let asking = true
  let answered = 0
  const callers = Array.from({ length: 200 }, async (_, number) => {
    while (asking) {
      const { status } = await postJson(`${killed.url}/api/flows/`, { name: `flow-${number}` })
      if (status === 200 || status === 201) answered += 1
      await delay(500)
    }
  })
  await delay(500)
  killed.child.kill('SIGKILL')
  await killed.ended

  const timedStart = async (settings: Record<string, string>) => {
    const startedMs = performance.now()
    const started = await startServerProcess(t, settings)
    return { server: started, tookMs: performance.now() - startedMs }
  }
  // Beside it one that nobody waits for: what the machine has to do slows both.
  const [{ server, tookMs: listeningMs }, unknown] = await Promise.all([timedStart(env), timedStart({ SPILLWAY_HOME: temporaryFolder(t) })])
  const allowedMs = Math.max(3_000, 2 * unknown.tookMs)
  unknown.server.child.kill('SIGKILL')
  await unknown.server.ended
  const before = answered
  const storm = await peers.dial({ ...dial, group: 'again' })
  assert.deepEqual(storm.stages, { open: 1_800 })
  const health = await probeHealth(t, server.url, 4)
  asking = false
  await Promise.all(callers)
  t.diagnostic(JSON.stringify({ listeningMs: Math.round(listeningMs), allowedMs: Math.round(allowedMs), authenticatedMs: storm.authenticatedMs, health }))
  assert.ok(listeningMs < allowedMs, `listened after ${Math.round(listeningMs)} ms`)
  assert.ok(answered > before, 'callers are served again')
  assertHealthy(health, 10)
})
