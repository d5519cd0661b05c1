/**
 * The run that froze Prefect, and more: 1,000 idle subscribers whose filter matches nothing, 10 healthy ones and 200 stalled ones that
 * want everything (replaced when the server has evicted them), 50 connections a second dying by reset, 1,000 events/s. Wanted: health under
 * 50 ms at p99, nothing lost or repeated for the healthy, flat memory, and descriptors and heap back where they were.
 *
 *     npm run bench -- torture [--seconds 30] [--targets spillway]
 *
 * The full run is `--seconds 300`. Health is asked by a process of its own, beside that of a server which does nothing else; the healthy, the
 * idle and the hostile ones are processes of their own, too. Only what was acknowledged can be lost. `memoryMiB` is
 * a look at the server every so often, `before` is after 100 subscribers and some events that warm it up, `after` is a minute after everybody
 * has gone. Bare `ws` and Prefect take part on demand: nothing of theirs is replaced, since they evict nobody.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { HostilePeers } from '../test/streams/lib/peers.ts'
import { machineFacts } from './lib/machine.ts'
import { readOptions } from './lib/question.ts'
import { round } from './lib/samples.ts'
import { eventBatch, filterMessage } from './streams/event-batch.ts'
import { HealthProbes } from './streams/health-probes.ts'
import { withHostilePeers } from './streams/hostile.ts'
import { Publisher } from './streams/publisher.ts'
import { cpuSecondsOf, descriptorsOf, kernelQueuesMiB, metricOf } from './streams/server-process.ts'
import { SubscriberCrowd } from './streams/subscriber-crowd.ts'
import { MemoryWatch } from './streams/watch.ts'
import { startTarget, type Target } from './targets.ts'

const WITHIN_SECONDS = 30
const IDLE = 1000
const HEALTHY = 10
const STALLED = 200
const RESETS_PER_SECOND = 50
const EVENTS_PER_SECOND = 1000
const BATCH = 50
const EVENT_BYTES = 1024
const REPLACE_EVERY_MS = 2000
const SETTLE_MS = 60_000
const options = readOptions({ seconds: 30, targets: 'spillway' })

async function stateOf(target: Target) {
  const heapBytes = await metricOf(target, 'nodejs_heap_size_used_bytes')
  return {
    descriptors: descriptorsOf(target), memoryMiB: target.memoryMiB(), kernelQueuesMiB: kernelQueuesMiB(target),
    ...(heapBytes !== undefined && { heapMiB: round(heapBytes / 2 ** 20) }),
  }
}

/** Keeps as many stalled peers at the server as there were to be; counts the replacements. */
class StalledPeers {
  readonly #peers: HostilePeers
  readonly #target: Target
  readonly #filter: object
  replaced = 0

  constructor(peers: HostilePeers, target: Target, filter: object) {
    this.#peers = peers
    this.#target = target
    this.#filter = filter
  }

  async dial(count: number): Promise<void> {
    await this.#peers.dial({
      group: 'stalled', count, path: `${this.#target.base}/events/out`, atOnce: 50, seconds: WITHIN_SECONDS, receiveBuffer: 4096, sources: 8,
      first: this.#filter, then: { act: 'stall' },
    })
  }

  /** @param others Subscribers that are open besides them, at most. */
  async replaceUntil(endMs: number, others: number): Promise<void> {
    for (; performance.now() < endMs; await delay(REPLACE_EVERY_MS)) {
      const open = await metricOf(this.#target, 'spillway_websockets_open', 'state="open"')
      const gone = open === undefined ? 0 : STALLED - Math.max(0, open - others)
      if (gone <= 0) continue
      this.replaced += gone
      await this.dial(gone)
    }
  }
}

async function measure(target: Target) {
  const [idle, healthy] = [new SubscriberCrowd(target, 1, 10), new SubscriberCrowd(target, 1, 40)]
  const health = new HealthProbes(target)
  const publisher = new Publisher(target)
  try {
    return await withHostilePeers(target, async (peers) => {
      const everything = filterMessage('bench.torture.')
      const everythingNew = JSON.parse(filterMessage('bench.torture.', false)) as object
      await warmUp(target, idle)
      const before = await stateOf(target)
      const idleDialled = (await idle.dial(IDLE, [filterMessage('bench.nothing')], WITHIN_SECONDS * 1000))[0]!
      const healthyDialled = (await healthy.dial(HEALTHY, [everything], WITHIN_SECONDS * 1000, true))[0]!
      const stalled = new StalledPeers(peers, target, everythingNew)
      await stalled.dial(STALLED)
      const memory = new MemoryWatch(target)
      const cpuBefore = cpuSecondsOf(target)
      let published = 0
      const endMs = performance.now() + options.seconds * 1000
      const [posts, probed, resets] = await Promise.all([
        publisher.atRate(EVENTS_PER_SECOND / BATCH, options.seconds, BATCH, () => {
          const json = eventBatch(published, BATCH, () => 'bench.torture.made', EVENT_BYTES)
          published += BATCH
          return json
        }),
        health.probe(options.seconds),
        // They stay a fifth of a second on average.
        peers.churn({
          group: 'resets', count: 0, total: RESETS_PER_SECOND * options.seconds, atOnce: RESETS_PER_SECOND / 5, holdMs: 400, lookMs: 1000, seed: 1,
          seconds: options.seconds + WITHIN_SECONDS,
          path: `${target.base}/events/out`, first: everythingNew, endings: ['reset'], sources: 16,
        }),
        stalled.replaceUntil(endMs, IDLE + HEALTHY + RESETS_PER_SECOND / 5),
      ])
      const cpuSeconds = cpuSecondsOf(target) - cpuBefore
      await healthy.until(publisher.acknowledged * HEALTHY, 15_000)
      const { receipts, open, endings } = (await healthy.tell())[0]!
      const idleTold = (await idle.tell())[0]!
      const kernelLastMiB = kernelQueuesMiB(target)
      const series = memory.series(30)
      const watched = memory.stop()
      await peers.forget('stalled')
      await Promise.all([idle.endAll(), healthy.endAll()])
      publisher.close()
      await delay(SETTLE_MS)
      return {
        ...probed,
        healthy: {
          dialled: healthyDialled.open, open, endings, published: publisher.acknowledged, lost: publisher.acknowledged - receipts!.leastDistinct, repeated: receipts!.repeated,
          saidDropped: receipts!.saidDropped, deliveryP50Ms: receipts!.deliveryP50Ms, deliveryP99Ms: receipts!.deliveryP99Ms,
          deliveryMaxMs: receipts!.deliveryMaxMs,
        },
        idle: { dialled: idleDialled.open, open: idleTold.open, endings: idleTold.endings },
        stalled: { atOnce: STALLED, replaced: stalled.replaced }, resets: { died: resets.gone, failed: resets.failed },
        posts: { ...posts, refused: publisher.refused, failures: publisher.failures }, serverBusyPercent: round((100 * cpuSeconds) / options.seconds),
        memoryMiB: series, memoryMostMiB: watched.memoryMostMiB,
        kernelQueuesMostMiB: watched.kernelQueuesMostMiB, kernelQueuesLastMiB: kernelLastMiB, before, after: await stateOf(target),
      }
    })
  } finally {
    publisher.close()
    await Promise.all([idle.close(), healthy.close(), health.close()])
  }
}

/** What belongs to the first streams and events ever shall not count as left behind. */
async function warmUp(target: Target, crowd: SubscriberCrowd): Promise<void> {
  const publisher = new Publisher(target)
  await crowd.dial(100, [filterMessage('bench.warm-up')], WITHIN_SECONDS * 1000)
  await publisher.atRate(10, 2, BATCH, () => eventBatch(0, BATCH, () => 'bench.warm-up', EVENT_BYTES))
  await crowd.endAll()
  publisher.close()
  await delay(5000)
}

for (const name of options.targets) {
  const machine = machineFacts()
  const target = await startTarget(name)
  try {
    console.log(JSON.stringify({ bench: 'torture', target: name, machine, seconds: options.seconds, ...await measure(target) }))
  } finally {
    await target.stop()
  }
}
