import assert from 'node:assert/strict'
import { assertHealthy, watchHealth, type HealthComparison } from '../../faults/health.ts'
import type { ProbeResult } from '../../../bench/probe.ts'
import { eventually } from '../../faults/eventually.ts'
import type { ServerProcess } from '../../server/server-process.ts'
import { ServerGauges } from './server-gauges.ts'

type AfterHook = { after(work: () => unknown): void }

/** What no fault may take from the server, watched from now on until `end`. */
export interface Watch {
  readonly gauges: ServerGauges
  /**
   * Ends the watch. Fails unless the server was well all the time and everything that the peers took is back: call it when all
   * of them are gone, or have been told to go.
   *
   * @param backSeconds Time for that from now on.
   * @param bareInTheSame What probes of a bare server took that was done the same to; without it, of one that is left alone.
   */
  end(backSeconds?: number, bareInTheSame?: ProbeResult): Promise<WatchReport>
}

export interface WatchOptions {
  /** Where health is probed. Default: the server's own address. */
  healthUrl?: string
}

export interface WatchReport {
  health: HealthComparison
  worstLoopDelayMs: number
  descriptors: { before: number; after: number }
  residentMiB: { before: number; after: number }
}

/** What the loop may be late whatever the machine does beside it, ms (L2). */
const lateAnywayMs = 100

/**
 * Watches a server during a fault with the four probes: health from another process beside a bare server's, the delay of its
 * event loop, and what it holds before and after. The fourth, what was published and received, is the test's own.
 */
export async function watchServer(t: AfterHook, server: ServerProcess, { healthUrl = server.url }: WatchOptions = {}): Promise<Watch> {
  const gauges = new ServerGauges(t, server.child.pid!, server.url)
  const atFirst = await gauges.scrape()
  const socketsBefore = atFirst.sum('spillway_websockets_open')
  const subscriptionsBefore = atFirst.sum('spillway_stream_subscriptions')
  const descriptorsBefore = gauges.socketDescriptors()
  const residentBefore = gauges.residentBytes()
  const health = await watchHealth(t, healthUrl)
  const heldByStreams = async (): Promise<string> => {
    const scrape = await gauges.scrape()
    const sockets = scrape.sum('spillway_websockets_open') - socketsBefore
    const subscriptions = scrape.sum('spillway_stream_subscriptions') - subscriptionsBefore
    const queued = scrape.sum('spillway_stream_queue_bytes')
    return sockets + subscriptions + queued === 0 ? '' : JSON.stringify({ sockets, subscriptions, queued })
  }
  return {
    gauges,
    async end(backSeconds = 15, bareInTheSame) {
      await nothingOf(heldByStreams, backSeconds)
      // The probes' own connections, more of them if the server was slow, go with them; a publisher's may stay.
      const { spillway, bare } = await health.stop()
      const compared = { spillway, bare: bareInTheSame ?? bare }
      await nothingOf(() => (gauges.socketDescriptors() <= descriptorsBefore + 2 ? '' : `${gauges.socketDescriptors() - descriptorsBefore} descriptors`), backSeconds)
      assertUnmoved(compared)
      const lateMs = Math.max(lateAnywayMs, 5 * compared.bare.latencies.max)
      assert.ok(gauges.worstLoopDelayMs <= lateMs, `the event loop was ${Math.round(gauges.worstLoopDelayMs)} ms late; allowed: ${lateMs} ms`)
      assert.equal(server.child.exitCode, null, 'the server lives')
      assert.deepEqual(errorLines(server), [], 'nothing is logged as an error')
      const mebibytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
      return {
        health: compared,
        worstLoopDelayMs: Math.round(gauges.worstLoopDelayMs),
        descriptors: { before: descriptorsBefore, after: gauges.socketDescriptors() },
        residentMiB: { before: mebibytes(residentBefore), after: mebibytes(gauges.residentBytes()) },
      }
    },
  }
}

/** With fewer probes than this, the 99th percentile is hardly more than the worst. */
const probesOfPercentile = 200

/** L1: no probe fails, the 99th percentile is as `assertHealthy` says, the worst is under 250 ms or five times the bare server's worst. */
function assertUnmoved(health: HealthComparison): void {
  if (health.spillway.latencies.count >= probesOfPercentile) assertHealthy(health)
  assert.equal(health.spillway.failures, 0, 'every health probe is answered with 200')
  const allowedMs = Math.max(250, 5 * health.bare.latencies.max)
  assert.ok(health.spillway.latencies.max <= allowedMs, `one probe took ${health.spillway.latencies.max} ms; allowed: ${Math.round(allowedMs)} ms`)
}

/** What the server logged as an error, or wrote without being asked, as an uncaught exception does. */
function errorLines(server: ServerProcess): string[] {
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
