/**
 * How many subscribers per second can come (upgrade, ping, auth, filter), stay for up to 50 ms and leave, each in a way of its own that a
 * seed chooses: reset, FIN, half-close, close frame, close frame and TCP kept? And what do 200 at a time leave behind: descriptors and
 * memory before and 8 s after?
 *
 *     npm run bench -- stream-churn [--seconds 10] [--seed 1] [--repeats 3] [--targets bare,spillway]
 *
 * `failed` are those that ended before they left. The peers share the cores with the server, and are about as dear as it is:
 * `cyclesPerCpuSecond` (of the server's processor time) compares. Prefect (`--targets prefect-3.8.8`) is not asked by default: see `dials`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ChurnReport } from '../test/streams/lib/peers.ts'
import { readOptions, runQuestion } from './lib/question.ts'
import { round } from './lib/samples.ts'
import { filterMessage } from './streams/event-batch.ts'
import { withHostilePeers } from './streams/hostile.ts'
import { cpuSecondsOf, descriptorsOf, metricOf } from './streams/server-process.ts'
import { errorFigures } from './streams/subscriber-crowd.ts'

const AT_ONCE = 200
const HOLD_MS = 50
const PEERS = 1000
const SETTLE_MS = 8000
const options = readOptions({ seconds: 10, targets: 'bare,spillway' }, { seed: 1 })

await runQuestion('stream-churn', options, { figure: 'cyclesPerCpuSecond', better: 'more' }, [{
  name: `${AT_ONCE} at once`,
  run: (_load, target) => withHostilePeers(target, async (peers) => {
    const filter = JSON.parse(filterMessage('bench.nothing')) as object
    const thousand = (seed: number, total: number): Promise<ChurnReport> => peers.churn({
      group: 'churn', count: total, total, seed, atOnce: AT_ONCE, holdMs: HOLD_MS, path: `${target.base}/events/out`, pingFirst: true, first: filter,
      sources: 16, lookMs: 1000, endings: ['reset', 'fin', 'halfClose', 'goodbye', 'closeFrame'],
    })
    const state = async () => {
      await delay(SETTLE_MS)
      const heapBytes = await metricOf(target, 'nodejs_heap_size_used_bytes')
      return { descriptors: descriptorsOf(target), memoryMiB: target.memoryMiB(), heapMiB: round((heapBytes ?? 0) / 2 ** 20) }
    }
    await thousand(options.seed, PEERS)
    const before = await state()
    const cpuBefore = cpuSecondsOf(target)
    const startMs = performance.now()
    const failed: Record<string, number> = {}
    let cycles = 0
    for (let seed = options.seed + 1; performance.now() - startMs < options.seconds * 1000; seed++) {
      const told = await thousand(seed, PEERS)
      cycles += told.gone
      for (const [how, count] of Object.entries(told.failed)) failed[how] = (failed[how] ?? 0) + count
    }
    const seconds = (performance.now() - startMs) / 1000
    const cpuSeconds = cpuSecondsOf(target) - cpuBefore
    const after = await state()
    const errors = Object.values(failed).reduce((sum, count) => sum + count, 0)
    return {
      cyclesPerSecond: round(cycles / seconds), cyclesPerCpuSecond: round(cycles / cpuSeconds), serverBusyPercent: round((100 * cpuSeconds) / seconds),
      cycles, errors, descriptorsBefore: before.descriptors, descriptorsAfter: after.descriptors,
      memoryBeforeMiB: before.memoryMiB, memoryAfterMiB: after.memoryMiB,
      ...(before.heapMiB > 0 && { heapBeforeMiB: before.heapMiB, heapAfterMiB: after.heapMiB }),
      ...errorFigures(failed),
    }
  }),
}])
