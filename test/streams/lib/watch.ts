import assert from 'node:assert/strict'
import { watchHealth, type HealthComparison } from '../../faults/health.ts'
import type { ProbeResult } from '../../../bench/probe.ts'
import { eventually } from '../../faults/eventually.ts'
import type { Percentiles } from '../../../bench/lib/samples.ts'
import type { FaultServer } from './fault-server.ts'
import { ServerGauges } from './server-gauges.ts'

type TestHooks = { after(work: () => unknown): void; diagnostic(message: string): void }

/** What no fault may take from the server, watched from now on until `end`. */
export interface Watch {
  readonly gauges: ServerGauges
  /**
   * Ends the watch. Fails unless the server was well all the time and everything that the peers took is back: call it when all
   * of them are gone, or have been told to go.
   *
   * @param backSeconds Time for that from now on.
   * @param bareInTheSame What probes of a bare server took that was done the same to; without it, of one that is left alone.
   * @param bareTurnMs What the longest turn of a bare server took that was done the same to. Default: none, so L2's own limit holds.
   */
  end(backSeconds?: number, bareInTheSame?: ProbeResult, bareTurnMs?: number): Promise<WatchReport>
}

export interface WatchReport {
  health: HealthComparison
  turnMs: Percentiles
  descriptors: { before: number; after: number }
  residentMiB: { before: number; after: number }
}

/** What one turn of the event loop may take (L2), ms of processor time. Other processes on the machine do not count in it. */
const turnMsMax = 100
/** Or so many times what a bare server's takes. */
const bareTurns = 3

/**
 * Watches a server during a fault with the four probes: health from another process beside a bare server's, the delay of its
 * event loop by its turns, and what it holds before and after. The fourth, what was published and received, is the test's own.
 */
export async function watchServer(t: TestHooks, server: FaultServer): Promise<Watch> {
  const gauges = new ServerGauges(t, server.child.pid!, server.url)
  const atFirst = await gauges.scrape()
  const socketsBefore = atFirst.sum('spillway_websockets_open')
  const subscriptionsBefore = atFirst.sum('spillway_stream_subscriptions')
  const descriptorsBefore = gauges.socketDescriptors()
  const residentBefore = gauges.residentBytes()
  await server.turnTimes()
  const health = await watchHealth(t, server.healthUrl)
  const heldByStreams = async (): Promise<string> => {
    const scrape = await gauges.scrape()
    const sockets = scrape.sum('spillway_websockets_open') - socketsBefore
    const subscriptions = scrape.sum('spillway_stream_subscriptions') - subscriptionsBefore
    const queued = scrape.sum('spillway_stream_queue_bytes')
    return sockets + subscriptions + queued === 0 ? '' : JSON.stringify({ sockets, subscriptions, queued })
  }
  return {
    gauges,
    async end(backSeconds = 15, bareInTheSame, bareTurnMs = 0) {
      await nothingOf(heldByStreams, backSeconds)
      // The probes' own connections, more of them if the server was slow, go with them; a publisher's may stay.
      const found = await health.stop()
      const compared = { ...found, bare: bareInTheSame ?? found.bare }
      await nothingOf(() => (gauges.socketDescriptors() <= descriptorsBefore + 2 ? '' : `${gauges.socketDescriptors() - descriptorsBefore} descriptors`), backSeconds)
      const mebibytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
      const report = {
        health: compared,
        turnMs: await server.turnTimes(),
        descriptors: { before: descriptorsBefore, after: gauges.socketDescriptors() },
        residentMiB: { before: mebibytes(residentBefore), after: mebibytes(gauges.residentBytes()) },
      }
      t.diagnostic(JSON.stringify(report))
      // Thousands of sockets that are ready at once are one turn in any server of this kind; there, only what probes take is compared.
      const allowedMs = Math.max(turnMsMax, bareTurns * bareTurnMs)
      if (!bareInTheSame) assert.ok(report.turnMs.max <= allowedMs, `one turn of the event loop took ${report.turnMs.max} ms of processor time; allowed: ${allowedMs} ms`)
      assertUnmoved(compared)
      assert.equal(server.child.exitCode, null, 'the server lives')
      assert.deepEqual(errorLines(server), [], 'nothing is logged as an error')
      return report
    },
  }
}

/** With fewer probes than this, the 99th percentile is hardly more than the worst. */
const probesOfPercentile = 200

/** L1: no probe fails, p99 is under 50 ms and the worst under 250 ms, or five times what the bare server takes; on a crowded machine more. */
function assertUnmoved({ spillway, bare, crowding: times }: HealthComparison): void {
  assert.equal(spillway.failures, 0, 'every health probe is answered with 200')
  const within = (what: string, ms: number, allowedMs: number) =>
    assert.ok(ms <= allowedMs, `${what} took ${ms} ms; allowed: ${Math.round(allowedMs)} ms on a machine ${times.toFixed(1)} times slower for being crowded`)
  within('the slowest health probe', spillway.latencies.max, times * Math.max(250, 5 * bare.latencies.max))
  if (spillway.latencies.count < probesOfPercentile) return
  within('one health probe in a hundred', spillway.latencies.p99, times * Math.max(50, 5 * bare.latencies.p99))
}

/** What the server logged as an error, or wrote without being asked, as an uncaught exception does. */
function errorLines(server: FaultServer): string[] {
  return server
    .stderr()
    .split('\n')
    .filter((line) => line !== '' && (!line.startsWith('{') || /"level":"(error|fatal)"/.test(line)) && !/^(Debugger|For help)/.test(line))
}

/** Waits until nothing is told any more; fails with what it was last. */
async function nothingOf(tell: () => string | Promise<string>, seconds: number): Promise<void> {
  let told = ''
  try {
    await eventually(async () => (told = await tell()) === '', 'the server to be as before', seconds)
  } catch (error) {
    assert.fail(`${(error as Error).message}; it still holds ${told}`)
  }
}
