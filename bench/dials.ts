/**
 * How long until `auth_success` when 1,000 and 5,000 subscribers dial at once, as stock clients do: upgrade, ping and pong, auth,
 * then their filter (which matches nothing)? What is refused (1013), fails or is not answered? And how is the health route meanwhile?
 *
 *     npm run bench -- dials [--repeats 3] [--targets bare,spillway,prefect-3.8.8]
 *
 * They come from two processes and 32 loopback addresses. Prefect gets 1,000 only, and is left after 30 s: with its SQLite database it
 * freezes at about 99 subscribers, so `authenticated` says how far it came and `healthFailures` that it answered nothing any more.
 */
import { startPart, ask, endPart } from './lib/process.ts'
import { readOptions, runQuestion, type Case } from './lib/question.ts'
import { round } from './lib/samples.ts'
import type { ProbeJob, ProbeResult } from './probe.ts'
import { filterMessage } from './streams/event-batch.ts'
import { SubscriberCrowd, errorFigures, sumCounts } from './streams/subscriber-crowd.ts'
import { cpuSecondsOf } from './streams/server-process.ts'

const WITHIN_MS = 30_000
const PROBE_SECONDS = 4
const options = readOptions({ seconds: 0, targets: 'bare,spillway,prefect-3.8.8' })

const cases = [1000, 5000].map((count): Case => ({
  name: `${count} dials`,
  run: async (_load, target): Promise<Record<string, number>> => {
    if (target.name.startsWith('prefect-') && count > 1000) return {}
    const crowd = new SubscriberCrowd(target, 2)
    const prober = startPart(new URL('./probe.ts', import.meta.url))
    try {
      // The load processes' own first socket is slow: not the server's doing.
      await crowd.dial(2, [filterMessage('bench.nothing')], WITHIN_MS)
      const cpuBefore = cpuSecondsOf(target)
      const probeJob: ProbeJob = { host: target.host, port: target.port, path: `${target.base}/health`, seconds: PROBE_SECONDS }
      const [dialled, health] = await Promise.all([
        crowd.dial(count, [filterMessage('bench.nothing')], WITHIN_MS), ask<ProbeResult>(prober, probeJob),
      ])
      const endings = sumCounts(dialled.map((one) => one.endings))
      const unanswered = dialled.reduce((sum, one) => sum + one.unanswered, 0)
      const refused = endings['close 1013'] ?? 0
      const failed = Object.values(endings).reduce((sum, n) => sum + n, 0) - refused
      return {
        authenticated: dialled.reduce((sum, one) => sum + one.open, 0), refused1013: refused, errors: failed + unanswered,
        // Of two halves of equal size: the worse one's.
        p50Ms: Math.max(...dialled.map((one) => one.latencies.p50)), p99Ms: Math.max(...dialled.map((one) => one.latencies.p99)),
        maxMs: Math.max(...dialled.map((one) => one.latencies.max)), tookMs: round(Math.max(...dialled.map((one) => one.tookMs))),
        serverCpuSeconds: round(cpuSecondsOf(target) - cpuBefore),
        healthP99Ms: health.latencies.p99, healthMaxMs: health.latencies.max, healthFailures: health.failures,
        ...(unanswered > 0 && { 'error: unanswered': unanswered }),
        ...errorFigures(endings),
      }
    } finally {
      await Promise.all([crowd.close(), endPart(prober)])
    }
  },
}))

await runQuestion('dials', options, { figure: 'p99Ms', better: 'less' }, cases)
