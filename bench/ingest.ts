/**
 * How many events and log lines per second does the server take in and store, in batches of 100 from 16 callers: events by
 * POST, events over `/events/in` (100 frames, then a ping; the pong confirms them), logs by POST?
 *
 * Events count when they can be counted in the store: after the load the event filter is asked for the total until all that was
 * acknowledged is there (`storedPercent` tells if it never was). A log batch is stored when its POST is answered.
 *
 *     npm run bench -- ingest [--seconds 5] [--repeats 3] [--targets bare,spillway,prefect-3.8.8,prefect-3.9.1]
 */
import { setTimeout as delay } from 'node:timers/promises'
import { HttpConnection } from './lib/http-connection.ts'
import { BATCH } from './lib/ingest-scenarios.ts'
import { figuresOf, readOptions, runQuestion, type Case, type Figures } from './lib/question.ts'
import { round } from './lib/samples.ts'
import type { Target } from './targets.ts'

const STORED_WITHIN_MS = 60_000
const options = readOptions({ seconds: 5 })

const cases = ['POST events', 'stream events', 'POST logs'].map((scenario): Case => ({
  name: `${scenario}, 16 callers`,
  run: async (load, target) => {
    await load({ scenario, callers: 16, seconds: 0.5, warmUpSeconds: 0, eventName: 'bench.warm-up' })
    const eventName = `bench.${scenario.replace(' ', '-')}`
    const startMs = performance.now()
    const result = await load({ scenario, callers: 16, seconds: options.seconds, warmUpSeconds: 0, eventName })
    const acknowledged = result.latencies.count * BATCH
    const stored = scenario === 'POST logs' ? acknowledged : await untilStored(target, eventName, acknowledged)
    const seconds = (performance.now() - startMs) / 1000
    const { perSecond: batchesPerSecond, ...figures } = figuresOf(result) as Figures & { perSecond: number }
    return {
      storedPerSecond: round(stored / seconds), acknowledgedPerSecond: batchesPerSecond * BATCH,
      storedPercent: round((100 * stored) / Math.max(1, acknowledged)), ...figures,
    }
  },
}))

/** @returns How many are there: all, or what there is when the time is up. */
async function untilStored(target: Target, eventName: string, wanted: number): Promise<number> {
  const connection = new HttpConnection(target.host, target.port)
  const body = JSON.stringify({ filter: { event: { name: [eventName] } }, limit: 1 })
  const deadlineMs = performance.now() + STORED_WITHIN_MS
  for (let stored = 0; ; await delay(20)) {
    const reply = await connection.request('POST', `${target.base}/events/filter`, body).catch(() => undefined)
    if (reply?.status === 200) stored = JSON.parse(reply.body.toString()).total
    if (stored < wanted && performance.now() < deadlineMs) continue
    connection.close()
    return Math.min(stored, wanted)
  }
}

await runQuestion('ingest', options, { figure: 'storedPerSecond', better: 'more' }, cases)
