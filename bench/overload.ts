/**
 * Does anything fail or stall while 64 callers create, move and read runs for 30 s and a reader keeps asking for the heaviest
 * list over 200,000 runs? Wanted: no error, and health (asked from a process of its own, 20 times a second) within its limits.
 *
 *     npm run bench -- overload [--seconds 30] [--callers 64] [--runs 200000]
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineFacts } from './lib/machine.ts'
import { ask, endPart, startPart } from './lib/process.ts'
import { figuresOf, readOptions, withLoader } from './lib/question.ts'
import { seededHome } from './lib/seeded-home.ts'
import type { ProbeJob, ProbeResult } from './probe.ts'
import { startTarget } from './targets.ts'

const options = readOptions({ targets: 'spillway', repeats: 1, seconds: 30 }, { callers: 64, runs: 200_000 })
const { seconds, callers, runs } = options

const machine = machineFacts()
const home = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
const prober = startPart(new URL('./probe.ts', import.meta.url))
try {
  cpSync(await seededHome(runs), home, { recursive: true })
  const target = await startTarget('spillway', home)
  try {
    const memoryBeforeMiB = target.memoryMiB()
    const probeJob: ProbeJob = { host: target.host, port: target.port, path: `${target.base}/health`, seconds }
    const [work, heavy, health] = await Promise.all([
      withLoader(target, (load) => load({ scenario: 'create, move, read', callers, seconds })),
      withLoader(target, (load) => load({ scenario: 'heaviest list', callers: 1, seconds })),
      ask<ProbeResult>(prober, probeJob),
    ])
    console.log(JSON.stringify({
      bench: 'overload', machine, seconds, callers, runs, errors: work.errorCount + heavy.errorCount + health.failures,
      work: figuresOf(work), heaviestList: figuresOf(heavy), health: { ...health.latencies, failures: health.failures },
      memoryBeforeMiB, memoryAfterMiB: target.memoryMiB(),
    }))
  } finally {
    await target.stop()
  }
} finally {
  await endPart(prober)
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
