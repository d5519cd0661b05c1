/**
 * What do 200 and 1,000 subscribers that have stopped reading do to the rest, while each is due more than 4 MiB: 60 events/s of 4 KiB
 * for 20 s, which all of them want? Health as another process sees it (beside that of a server which does nothing else: what both lose
 * is the machine's), memory of the server, what the kernel holds for its peers, how long posts take, and what ten healthy subscribers lost.
 *
 *     npm run bench -- stalled-peers [--seconds 20] [--repeats 1] [--targets bare,spillway]
 *
 * The stalled ones are raw sockets with a receive buffer of 4 KiB, set before they connect. Bare `ws` gets 200 only: nothing keeps it
 * from handing the kernel 4 MiB for each, and 1,000 times that would squeeze every socket of the machine. Prefect (`--targets
 * prefect-3.8.8`) freezes at about 99 subscribers with SQLite. With `--seconds 60` one sees them evicted, too: `stalledLeft`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { readOptions, runQuestion, type Case, type Figures } from './lib/question.ts'
import { round } from './lib/samples.ts'
import { eventBatch, filterMessage } from './streams/event-batch.ts'
import { HealthProbes } from './streams/health-probes.ts'
import { withHostilePeers } from './streams/hostile.ts'
import { Publisher } from './streams/publisher.ts'
import { cpuSecondsOf, metricOf } from './streams/server-process.ts'
import { SubscriberCrowd } from './streams/subscriber-crowd.ts'
import { MemoryWatch } from './streams/watch.ts'
import type { Target } from './targets.ts'

const WITHIN_SECONDS = 30
const POSTS_PER_SECOND = 10
const BATCH = 6
const EVENT_BYTES = 4096
const HEALTHY = 10
const options = readOptions({ seconds: 20, repeats: 1, targets: 'bare,spillway' })

async function measure(target: Target, stalled: number): Promise<Figures> {
  const crowd = new SubscriberCrowd(target, 1)
  const health = new HealthProbes(target)
  const publisher = new Publisher(target)
  try {
    return await withHostilePeers(target, async (peers) => {
      const filter = filterMessage('bench.stalled.')
      await crowd.dial(HEALTHY, [filter], WITHIN_SECONDS * 1000, true)
      const memory = new MemoryWatch(target)
      const dialled = await peers.dial({
        group: 'stalled', count: stalled, path: `${target.base}/events/out`, atOnce: 100, seconds: WITHIN_SECONDS, receiveBuffer: 4096, sources: 8,
        first: JSON.parse(filter) as object, then: { act: 'stall' },
      })
      await delay(500)
      const cpuBefore = cpuSecondsOf(target)
      let published = 0
      const [posts, probed] = await Promise.all([
        publisher.atRate(POSTS_PER_SECOND, options.seconds, BATCH, () => {
          const json = eventBatch(published, BATCH, () => 'bench.stalled.made', EVENT_BYTES)
          published += BATCH
          return json
        }),
        health.probe(options.seconds),
      ])
      const cpuSeconds = cpuSecondsOf(target) - cpuBefore
      await crowd.until(publisher.acknowledged * HEALTHY, 10_000)
      const open = await metricOf(target, 'spillway_websockets_open', 'state="open"')
      const [{ receipts, open: healthy }] = await crowd.tell() as [Awaited<ReturnType<SubscriberCrowd['tell']>>[0]]
      return {
        ...probed,
        stalled: dialled.stages['open'] ?? 0, ...(open !== undefined && { stalledLeft: open - healthy }), ...memory.stop(),
        mibDueEach: round((published * EVENT_BYTES) / 2 ** 20), postP99Ms: posts.p99, postsRefused: publisher.refused, postFailures: publisher.failures,
        healthyOpen: healthy, healthyLost: publisher.acknowledged - receipts!.leastDistinct, healthyRepeated: receipts!.repeated,
        deliveryP50Ms: receipts!.deliveryP50Ms, deliveryP99Ms: receipts!.deliveryP99Ms,
        deliveryMaxMs: receipts!.deliveryMaxMs, serverBusyPercent: round((100 * cpuSeconds) / options.seconds),
        // So that the next case gets a fresh server.
        errors: HEALTHY - healthy + probed.healthFailures + publisher.failures,
      }
    })
  } finally {
    publisher.close()
    await Promise.all([crowd.close(), health.close()])
  }
}

await runQuestion('stalled-peers', options, { figure: 'healthP99Ms', better: 'less' }, [200, 1000].map((stalled): Case => ({
  name: `${stalled} stalled peers`,
  run: async (_load, target) => (target.name.startsWith('bare') && stalled > 200 ? {} : measure(target, stalled)),
})))
