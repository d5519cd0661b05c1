/**
 * How many deliveries per second to 1, 50, 200 and 1,000 subscribers, of events of 0.2 and 4 KiB, when all of them want each event and
 * when 10 % do? Events come by `POST /events` in batches, two posts at a time.
 *
 *     npm run bench -- fan-out [--seconds 2] [--repeats 3] [--targets bare,bare-ws,spillway,prefect-3.8.8]
 *
 * Nobody may fall behind: the publisher is never more than three steps (180 events of 0.2 KiB or 60 of 4 KiB) ahead of what has been
 * received. So this is the pace of a server whose subscribers keep up, and none may miss an event (`missing`).
 * The receivers count frames on bare sockets. They, the publisher and the server share the cores: `deliveriesPerCpuSecond` (of the
 * server's processor time) compares servers whatever else the machine does, and `receiverBusyPercent` near 100 means that the busier of
 * the two receiving processes was the bottleneck. Prefect is asked up to 50 subscribers only: with SQLite it freezes at about 99.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { readOptions, runQuestion, type Case, type Figures } from './lib/question.ts'
import { round } from './lib/samples.ts'
import { eventBatch, filterMessage } from './streams/event-batch.ts'
import { Publisher } from './streams/publisher.ts'
import { cpuSecondsOf } from './streams/server-process.ts'
import { SubscriberCrowd } from './streams/subscriber-crowd.ts'
import type { Received } from './subscribers.ts'
import type { Target } from './targets.ts'

const WITHIN_MS = 30_000
const GROUPS = 10
const STEPS_AHEAD = 2
const PREFECT_SUBSCRIBERS = 50
const options = readOptions({ seconds: 2, targets: 'bare,bare-ws,spillway,prefect-3.8.8' })

/** @param share Part of the events that each subscriber wants: 1 or 1 / GROUPS. */
async function measure(target: Target, subscribers: number, bytes: number, share: number): Promise<Figures> {
  const crowd = new SubscriberCrowd(target, subscribers > 1 ? 2 : 1)
  const publisher = new Publisher(target)
  try {
    const groups = share === 1 ? [''] : Array.from({ length: GROUPS }, (_, n) => `${n}.`)
    const dialled = await crowd.dial(subscribers, groups.map((group) => filterMessage(`bench.fan-out.${group}`)), WITHIN_MS)
    const open = dialled.reduce((sum, one) => sum + one.open, 0)
    if (open < subscribers) return { subscribers: open, errors: subscribers - open }
    // Nothing tells when a filter has taken effect.
    await delay(500)
    const stream = new PacedStream(crowd, publisher, subscribers * share, bytes)
    await stream.send(0.3)
    const cpuBefore = cpuSecondsOf(target)
    const before = stream.received
    const startMs = performance.now()
    await stream.send(options.seconds)
    const seconds = (performance.now() - startMs) / 1000
    const cpuSeconds = cpuSecondsOf(target) - cpuBefore
    const deliveries = sum(stream.received) - sum(before)
    const busy = stream.received.map((one, n) => (100 * (one.cpuSeconds - (before[n]?.cpuSeconds ?? 0))) / seconds)
    return {
      deliveriesPerSecond: round(deliveries / seconds), deliveriesPerCpuSecond: round(deliveries / Math.max(0.01, cpuSeconds)),
      mibPerSecond: round((deliveries * bytes) / seconds / 2 ** 20), eventsPerSecond: round(deliveries / subscribers / share / seconds),
      serverBusyPercent: round((100 * cpuSeconds) / seconds), receiverBusyPercent: round(Math.max(...busy)),
      missing: stream.missing, errors: publisher.failures + publisher.refused,
    }
  } finally {
    publisher.close()
    await crowd.close()
  }
}

/** Publishes as fast as the subscribers receive. */
class PacedStream {
  readonly #crowd: SubscriberCrowd
  readonly #publisher: Publisher
  readonly #readersOfEach: number
  readonly #bytes: number
  readonly #batchEvents: number
  #published = 0
  received: Received[] = []

  constructor(crowd: SubscriberCrowd, publisher: Publisher, readersOfEach: number, bytes: number) {
    this.#crowd = crowd
    this.#publisher = publisher
    this.#readersOfEach = readersOfEach
    this.#bytes = bytes
    this.#batchEvents = bytes > 1000 ? 10 : 30
  }

  get missing(): number {
    return round(this.#published * this.#readersOfEach) - sum(this.received)
  }

  /** Until the time is up or deliveries fail to come; returns when all that was published has been received, if it ever is. */
  async send(seconds: number): Promise<void> {
    const endMs = performance.now() + seconds * 1000
    for (let came = true; came && performance.now() < endMs;) {
      await Promise.all([this.#post(), this.#post()])
      came = await this.#until(this.#published - STEPS_AHEAD * 2 * this.#batchEvents)
    }
    await this.#until(this.#published)
  }

  #post(): Promise<void> {
    const first = this.#published
    this.#published += this.#batchEvents
    return this.#publisher.post(eventBatch(first, this.#batchEvents, (n) => `bench.fan-out.${n % GROUPS}.made`, this.#bytes), this.#batchEvents)
  }

  async #until(events: number): Promise<boolean> {
    if (events <= 0) return true
    const due = round(events * this.#readersOfEach)
    this.received = await this.#crowd.until(due, WITHIN_MS)
    return sum(this.received) >= due
  }
}

function sum(received: readonly Received[]): number {
  return received.reduce((total, one) => total + one.events, 0)
}

const cases = [1, 50, 200, 1000].flatMap((subscribers) => [0.2, 4].flatMap((kib) => [1, 1 / GROUPS].map((share): Case => ({
  name: `${subscribers} subscribers, ${kib} KiB, ${share === 1 ? 'all' : '10 %'} match`,
  run: async (_load, target) =>
    (target.name.startsWith('prefect-') && subscribers > PREFECT_SUBSCRIBERS ? {} : measure(target, subscribers, kib * 1024, share)),
}))))

await runQuestion('fan-out', options, { figure: 'deliveriesPerSecond', better: 'more' }, cases)
