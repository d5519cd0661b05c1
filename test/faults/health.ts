import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { ask, endPart, nextMessage, startPart } from '../../bench/lib/process.ts'
import type { ProbeJob, ProbeResult } from '../../bench/probe.ts'
import { crowding, processorTime } from './crowding.ts'
import { listenerOn } from './listeners.ts'

export interface HealthComparison {
  spillway: ProbeResult
  bare: ProbeResult
  /** How many times slower the server was meanwhile for want of a processor. The bare one has little to do, and hardly feels it. */
  crowding: number
}

export interface HealthWatch {
  /** Ends the probing now and gives what it found. */
  stop(): Promise<HealthComparison>
}

/**
 * Probes `/api/health` at 20 Hz from a process of its own, and beside it, in the same way, a server that does nothing else.
 * What both lose is the machine's; only what is left is the server's.
 */
export async function watchHealth(t: { after(work: () => unknown): void }, url: string, secondsMax = 1_200): Promise<HealthWatch> {
  const probing = await startProbing(t, url, secondsMax)
  return {
    stop() {
      for (const probe of probing.probes) probe.send('stop')
      return probing.found
    },
  }
}

/** The same for a fixed time. */
export async function probeHealth(
  t: { after(work: () => unknown): void },
  url: string,
  seconds: number,
): Promise<HealthComparison> {
  return (await startProbing(t, url, seconds)).found
}

/** `found` is wrapped: a promise that is returned by itself would be waited for here already. */
async function startProbing(
  t: { after(work: () => unknown): void },
  url: string,
  seconds: number,
): Promise<{ probes: readonly ChildProcess[]; found: Promise<HealthComparison> }> {
  const parts = [
    startPart(new URL('./parts/bare-health.ts', import.meta.url)),
    startPart(new URL('../../bench/probe.ts', import.meta.url)),
    startPart(new URL('../../bench/probe.ts', import.meta.url)),
  ] as const
  t.after(() => Promise.all(parts.map((part) => endPart(part, 'SIGKILL'))))
  const [bareServer, bareProbe, probe] = parts
  const barePort = await nextMessage<number>(bareServer)
  const { hostname: host, port } = new URL(url)
  const crowded = startCrowding(Number(port))
  const results = Promise.all([
    ask<ProbeResult>(probe, { host, port: Number(port), path: '/api/health', seconds } satisfies ProbeJob),
    ask<ProbeResult>(bareProbe, { host, port: barePort, path: '/', seconds } satisfies ProbeJob),
  ])
  const found = results.then(async ([spillway, bare]) => {
    const times = crowded()
    await Promise.all(parts.map((part) => endPart(part)))
    return { spillway, bare, crowding: times }
  })
  found.catch(() => {}) // A test that fails first ends the parts and does not look.
  return { probes: [bareProbe, probe], found }
}

/** Looks at the process that listens on a port; the function that it gives tells how crowded that one has been since. */
function startCrowding(port: number): () => number {
  const pid = listenerOn(port)
  if (pid === undefined) return () => 1
  const before = processorTime(pid)
  return () => {
    try {
      return crowding(before, processorTime(pid))
    } catch {
      return 1 // It has ended: the probes tell that.
    }
  }
}

/** What probes may take whatever the machine does beside them, ms: it is the promise for any fault. */
const allowedAnywayMs = { p99: 50, max: 250 }
/** With fewer probes than this, the 99th percentile is hardly more than the worst. */
const probesOfPercentile = 200

/**
 * Fails when a probe failed, or when the 99th percentile is over 50 ms and over `multiple` times the bare server's; of few probes, when the
 * worst is over 250 ms and over `multiple` times the bare server's worst. On a crowded machine it may be as many times more.
 */
export function assertHealthy({ spillway, bare, crowding: times }: HealthComparison, multiple = 5): void {
  assert.equal(spillway.failures, 0, 'every health probe is answered with 200')
  const figure = spillway.latencies.count < probesOfPercentile ? 'max' : 'p99'
  const allowedMs = times * Math.max(allowedAnywayMs[figure], multiple * bare.latencies[figure])
  const text = `health ${figure} is ${spillway.latencies[figure]} ms, the bare server's ${bare.latencies[figure]} ms`
  assert.ok(spillway.latencies[figure] <= allowedMs, `${text}; allowed: ${Math.round(allowedMs)} ms on a machine ${times.toFixed(1)} times slower for being crowded`)
}
