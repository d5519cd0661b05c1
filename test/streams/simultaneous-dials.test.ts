import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test, { type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProbeResult } from '../../bench/probe.ts'
import { endPart, nextMessage, startPart } from '../../bench/lib/process.ts'
import { eventually } from '../faults/eventually.ts'
import { watchHealth } from '../faults/health.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers, type HostilePeers, type PeersReport } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { allEnded, closeCodes } from './lib/scene.ts'
import { watchServer } from './lib/watch.ts'

/** A stock client gives up when the 101 takes 10 s, and its run fails. For what comes after it has no limit of its own. */
const upgradeLimitMs = 9_000
const authenticateLimitMs = 60_000
/** Or so many times what the same dials take at a bare server of the same machine. */
const bareMultiple = 3
const stopMs = 1_500

/** Fault A11. Stock clients wait for the answer to a first ping, then authenticate, then send their filter: so do these. */
const subscriber = { path: '/api/events/out', first: everyEvent, pingFirst: true, sources: 8, seconds: 65 } as const

for (const stopped of [false, true]) {
  const meanwhile = stopped ? ' while the server stands still for 1.5 s' : ''

  test(`1,000 simultaneous dials${meanwhile} all come through in time`, { skip: cannotRunPeers }, async (t) => {
    const { report, bare, end } = await burst(t, 1_000, stopped)
    assert.deepEqual(report.stages, { open: 1_000 }, JSON.stringify(report))
    const allowedMs = Math.max(5_000, bareMultiple * bare.authenticatedMs.p99)
    assert.ok(report.authenticatedMs.p99 < allowedMs, `p99 to auth_success was ${report.authenticatedMs.p99} ms; allowed: ${allowedMs} ms`)
    await end(1_000)
  })

  test(`5,000 simultaneous dials${meanwhile} are all answered in time, and who is told to come back gets in then`, { skip: cannotRunPeers }, async (t) => {
    const count = 5_000
    const { peers, report, end } = await burst(t, count, stopped)
    const open = (): Promise<number> => peers.report('burst').then(({ stages }) => stages['open'] ?? 0)
    const refused = closeCodes(report)['1013'] ?? 0
    assert.equal((report.stages['open'] ?? 0) + refused, count, JSON.stringify(report))
    // 1013 came before the first ping was answered: after it, a stock client would not try again.
    assert.equal(report.stages['pinged'] ?? 0, 0)
    for (let missing = refused; missing > 0; missing = count - (await open())) await peers.dial({ ...subscriber, group: 'burst', count: missing })
    await end(count)
  })
}

interface Burst {
  peers: HostilePeers
  report: PeersReport
  /** The same dials at a bare server. */
  bare: PeersReport
  /** Fails unless so many subscribers get events, and the server is as before when they are gone. */
  end(subscribers: number): Promise<void>
}

async function burst(t: TestContext, count: number, stopped: boolean): Promise<Burst> {
  const bare = await burstAtBare(t, count)
  const server = await startFaultServer(t, { pingSeconds: 20, pongSeconds: 20, crowded: true })
  const peers = await startPeers(t, server.url)
  // A server that stands still answers no probe at all.
  const watch = stopped ? undefined : await watchServer(t, server)
  const overflows = listenOverflows()
  const dialling = peers.dial({ ...subscriber, group: 'burst', count })
  if (stopped) await standStill(server.child.pid!)
  const report = await dialling
  t.diagnostic(JSON.stringify({ upgradedMs: report.upgradedMs, authenticatedMs: report.authenticatedMs, closes: report.closes, ends: report.ends }))
  assert.equal(report.upgradedMs.count, count, `each got its 101: ${JSON.stringify(report)}`)
  const upgradeMs = Math.max(upgradeLimitMs, bareMultiple * bare.report.upgradedMs.max)
  assert.ok(report.upgradedMs.max < upgradeMs, `the slowest 101 took ${report.upgradedMs.max} ms; allowed: ${upgradeMs} ms`)
  assert.ok(report.authenticatedMs.max < authenticateLimitMs, `the slowest auth_success took ${report.authenticatedMs.max} ms`)
  if (count <= 1_000) assert.equal(listenOverflows(), overflows, 'the kernel dropped no connection')
  return {
    peers,
    report,
    bare: bare.report,
    async end(subscribers) {
      const publisher = new Publisher(t, server.url)
      await publisher.publish({ count: 3 })
      await eventually(async () => (await peers.report('burst')).received === 3 * subscribers, 'the events at each of them')
      // A storm of resets is another fault: these leave one after the other.
      await peers.behave('burst', { act: 'reset' }, { spreadMs: subscribers })
      await allEnded(peers, 'burst', 20)
      await peers.forget('burst')
      await watch?.end(15, bare.health)
      assert.equal(server.child.exitCode, null, 'the server lives')
    },
  }
}

/** The same dials at the least server that can take them, and what its health probes took meanwhile. */
async function burstAtBare(t: TestContext, count: number): Promise<{ report: PeersReport; health: ProbeResult }> {
  const server = startPart(new URL('./parts/bare-websocket.ts', import.meta.url))
  t.after(() => endPart(server, 'SIGKILL'))
  const url = `http://127.0.0.1:${await nextMessage<number>(server)}`
  const peers = await startPeers(t, url)
  const watch = await watchHealth(t, url)
  const report = await peers.dial({ ...subscriber, group: 'burst', count })
  await peers.forget('burst')
  const { spillway: health } = await watch.stop()
  await endPart(server)
  t.diagnostic(JSON.stringify({ bare: true, upgradedMs: report.upgradedMs, authenticatedMs: report.authenticatedMs, health }))
  return { report, health }
}

/** P8: as a long garbage collection, or a machine that is out of breath. */
async function standStill(pid: number): Promise<void> {
  await delay(50)
  process.kill(pid, 'SIGSTOP')
  await delay(stopMs)
  process.kill(pid, 'SIGCONT')
}

/** Connections that the kernel dropped because the queue of a listener was full, of all processes. */
function listenOverflows(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8').split('\n').filter((line) => line.startsWith('TcpExt:'))
  return Number(values.split(' ')[names.split(' ').indexOf('ListenOverflows')])
}
