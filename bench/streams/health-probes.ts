import { ask, endPart, nextMessage, startPart } from '../lib/process.ts'
import type { ProbeJob, ProbeResult } from '../probe.ts'
import type { Target } from '../targets.ts'

/**
 * Health of a server, 20 times a second from a process of its own, and in the same way that of a server that does nothing else:
 * what both lose is the machine's.
 */
export class HealthProbes {
  readonly #target: Target
  readonly #idleServer = startPart(new URL('../../test/faults/parts/bare-health.ts', import.meta.url))
  readonly #idlePort = nextMessage<number>(this.#idleServer)
  readonly #probers = [startPart(new URL('../probe.ts', import.meta.url)), startPart(new URL('../probe.ts', import.meta.url))] as const

  constructor(target: Target) {
    this.#target = target
  }

  async probe(seconds: number) {
    const { host, port, base } = this.#target
    const idlePort = await this.#idlePort
    const [own, idle] = await Promise.all([
      ask<ProbeResult>(this.#probers[0], { host, port, path: `${base}/health`, seconds } satisfies ProbeJob),
      ask<ProbeResult>(this.#probers[1], { host, port: idlePort, path: '/', seconds } satisfies ProbeJob),
    ])
    return {
      healthP50Ms: own.latencies.p50, healthP99Ms: own.latencies.p99, healthMaxMs: own.latencies.max, healthFailures: own.failures,
      idleServerP99Ms: idle.latencies.p99, idleServerMaxMs: idle.latencies.max,
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#idleServer, ...this.#probers].map((part) => endPart(part)))
  }
}
