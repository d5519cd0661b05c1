/**
 * How much memory does an idle stream cost? 5,000 subscribers whose filter matches nothing; resident memory of the server before
 * them, after 10 s with them (garbage collected in the meantime or not, as in life), and 10 s after they went. Kernel memory is not in it.
 *
 *     npm run bench -- idle-streams [--count 5000] [--repeats 3] [--targets bare,spillway]
 *
 * 50 subscribers that come and go first take the memory that belongs to the first ones ever. Not for Prefect: see `dials`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { readOptions, runQuestion } from './lib/question.ts'
import { round } from './lib/samples.ts'
import { filterMessage } from './streams/event-batch.ts'
import { descriptorsOf, metricOf } from './streams/server-process.ts'
import { SubscriberCrowd, errorFigures, sumCounts } from './streams/subscriber-crowd.ts'

const WITHIN_MS = 30_000
const SETTLE_MS = 10_000
const WARM_UP = 50
const options = readOptions({ seconds: 0, targets: 'bare,spillway' }, { count: 5000 })

await runQuestion('idle-streams', options, { figure: 'kibPerStream', better: 'less' }, [{
  name: `${options.count} idle streams`,
  run: async (_load, target) => {
    const crowd = new SubscriberCrowd(target, 2)
    const state = async () => {
      await delay(SETTLE_MS)
      const heapBytes = await metricOf(target, 'nodejs_heap_size_used_bytes')
      return { memoryMiB: target.memoryMiB(), descriptors: descriptorsOf(target), heapMiB: round((heapBytes ?? 0) / 2 ** 20) }
    }
    try {
      const filters = [filterMessage('bench.nothing')]
      await crowd.dial(WARM_UP, filters, WITHIN_MS)
      await crowd.endAll()
      const before = await state()
      const dialled = await crowd.dial(options.count, filters, WITHIN_MS)
      const open = dialled.reduce((sum, one) => sum + one.open, 0)
      const during = await state()
      const told = await crowd.endAll()
      const stayed = told.reduce((sum, one) => sum + one.open, 0)
      const after = await state()
      return {
        kibPerStream: round(((during.memoryMiB - before.memoryMiB) * 1024) / open),
        ...(before.heapMiB > 0 && { heapKibPerStream: round(((during.heapMiB - before.heapMiB) * 1024) / open) }),
        streams: open, errors: options.count - stayed,
        memoryBeforeMiB: before.memoryMiB, memoryDuringMiB: during.memoryMiB, memoryAfterMiB: after.memoryMiB,
        descriptorsBefore: before.descriptors, descriptorsDuring: during.descriptors, descriptorsAfter: after.descriptors,
        ...errorFigures(sumCounts(told.map((one) => one.endings))),
      }
    } finally {
      await crowd.close()
    }
  },
}])
