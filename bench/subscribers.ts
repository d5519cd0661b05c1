/**
 * Subscribers of `/events/out`, many in one process, which is not the server's and not the publisher's. Takes one job after another by
 * IPC and answers each: dial them all at once, wait until they have received so much, tell what they received, end them.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Samples, type Percentiles } from './lib/samples.ts'
import { RawSubscriber } from './streams/raw-subscriber.ts'
import { Receipts, type ReceiptFigures } from './streams/receipts.ts'

export type SubscriberJob =
  | DialJob
  /** Answered with a {@link Received} when so many events have come in all, or when the time is up. */
  | { do: 'until'; events: number; withinMs: number }
  | { do: 'tell' }
  /** Ends all subscribers and answers when they are gone. */
  | { do: 'end' }

export interface DialJob {
  do: 'dial'
  host: string
  port: number
  base: string
  count: number
  /** Filter messages, given out in turn. */
  filters: string[]
  /** What has no `auth_success` and no refusal by then is counted as unanswered and dropped. */
  withinMs: number
  /** First of the source addresses 127.0.0.x: load processes use different ones. */
  firstAddress: number
  /** Look into the events: tell lost, repeated and late ones. */
  checkEvents: boolean
}

export interface Dialled {
  open: number
  /** Until `auth_success`; the unanswered ones count with the time for which they were waited for. */
  latencies: Percentiles
  unanswered: number
  /** Those that ended before `auth_success`, by how. */
  endings: Record<string, number>
  /** From the first dial to the last answer. */
  tookMs: number
}

export interface Received {
  events: number
  /** Still open. */
  open: number
  /** Those that ended after `auth_success`, by how. */
  endings: Record<string, number>
  cpuSeconds: number
  receipts: ReceiptFigures | undefined
}

const ADDRESSES = 16
const subscribers: RawSubscriber[] = []
const receipts: Receipts[] = []
let received = 0
let wake = () => {}

async function dial(job: DialJob): Promise<Dialled> {
  const startMs = performance.now()
  const endings: Record<string, number> = {}
  const latencies = new Samples()
  let left = job.count
  const fresh: RawSubscriber[] = []
  await new Promise<void>((resolve) => {
    const settled = (subscriber: RawSubscriber) => {
      if (subscriber.open) latencies.add(subscriber.openAfterMs)
      else count(endings, subscriber.ending ?? 'end')
      if (--left === 0) resolve()
    }
    for (let n = 0; n < job.count; n++) {
      const kept = job.checkEvents ? new Receipts() : undefined
      if (kept) receipts.push(kept)
      fresh.push(new RawSubscriber({
        host: job.host, port: job.port, base: job.base, from: `127.0.0.${job.firstAddress + (n % ADDRESSES)}`,
        filter: job.filters[n % job.filters.length]!,
        onSettled: settled,
        onEvents: (events) => {
          received += events
          wake()
        },
        ...(kept && { onEvent: (payload) => kept.take(payload) }),
      }))
    }
    setTimeout(resolve, job.withinMs).unref()
  })
  const unanswered = left
  const authenticated = latencies.count
  const tookMs = performance.now() - startMs
  for (let n = 0; n < unanswered; n++) latencies.add(job.withinMs)
  for (const subscriber of fresh) {
    if (subscriber.open) subscribers.push(subscriber)
    else subscriber.socket.destroy()
  }
  return { open: authenticated, latencies: latencies.summary(), unanswered, endings, tookMs }
}

async function until(events: number, withinMs: number): Promise<Received> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, withinMs)
    wake = () => {
      if (received < events) return
      clearTimeout(timer)
      resolve()
    }
    wake()
  })
  wake = () => {}
  return tell()
}

function tell(): Received {
  const endings: Record<string, number> = {}
  for (const subscriber of subscribers) if (subscriber.ending) count(endings, subscriber.ending)
  const { user, system } = process.cpuUsage()
  return {
    events: received, open: subscribers.filter((subscriber) => subscriber.open).length, endings, cpuSeconds: (user + system) / 1e6,
    receipts: receipts.length > 0 ? Receipts.sum(receipts) : undefined,
  }
}

async function end(): Promise<Received> {
  const told = tell()
  for (const subscriber of subscribers) subscriber.socket.destroy()
  while (subscribers.some((subscriber) => !subscriber.socket.closed)) await delay(5)
  subscribers.length = 0
  receipts.length = 0
  received = 0
  return told
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

async function work(job: SubscriberJob): Promise<Dialled | Received> {
  switch (job.do) {
    case 'dial': return dial(job)
    case 'until': return until(job.events, job.withinMs)
    case 'tell': return tell()
    case 'end': return end()
  }
}

process.on('message', (job) => void work(job as SubscriberJob).then((result) => process.send!(result)))
