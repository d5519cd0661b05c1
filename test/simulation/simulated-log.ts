import { RetryableError } from '@spillway/server/errors'
import { formatCursor, type BackfillMark } from '@spillway/server/streams/cursor'
import type { FanOut, SharedFilter, StreamItem } from '@spillway/server/streams/fan-out'
import { DeliveryFrame, type Frame } from '@spillway/server/streams/frames'
import type { Scheduler } from '@spillway/server/streams/scheduler'
import type { FilteredStream } from '@spillway/server/streams/stream-source'
import type { BackfillPage, ReplayPage, StoredItem } from '@spillway/server/streams/subscription'
import type { Random } from './random.ts'

export const epoch = 'sim'

/** A stored and published line: its name decides who gets it. */
export class SimItem implements StreamItem {
  readonly seq: number
  readonly name: string
  readonly resourceId: string
  readonly relatedIds: readonly string[] = []
  readonly occurredUs: number
  readonly body: string
  #frame: Frame | undefined

  constructor(seq: number, name: string, occurredUs: number, padding: number) {
    this.seq = seq
    this.name = name
    this.resourceId = name
    this.occurredUs = occurredUs
    this.body = `{"seq":${seq},"pad":"${'x'.repeat(padding)}"}`
  }

  get bytes(): number {
    return this.body.length
  }

  get frame(): Frame {
    return (this.#frame ??= new DeliveryFrame('event', this.body, formatCursor(epoch, { kind: 'log', seq: this.seq }), epoch))
  }
}

export interface LogFaults {
  /** A read is refused as passing, with this probability. */
  refusedReads: number
  /** Longest time of a read, ms. */
  readMs: number
  /** A batch is committed and never published, with this probability; the hub hears of it later. */
  lostPublications: number
}

/** The store as the stream machines see it: a log that grows, is read with delay, and publishes what it commits. */
export class SimulatedLog {
  readonly items: SimItem[] = []
  readonly #time: Scheduler
  readonly #random: Random
  readonly #faults: LogFaults
  #fanOut: FanOut<SimItem> | undefined
  #publishing = 0

  constructor(time: Scheduler, random: Random, faults: LogFaults) {
    this.#time = time
    this.#random = random
    this.#faults = faults
  }

  attach(fanOut: FanOut<SimItem>): void {
    this.#fanOut = fanOut
  }

  get lastSeq(): number {
    return this.items.length
  }

  /** Commits a batch; it is published a little later, in order. */
  commit(names: readonly string[], paddingMax: number): void {
    const batch = names.map((name) => {
      const occurredUs = Math.max(0, Math.round(this.#time.nowMs() * 1_000) - this.#random.below(400_000))
      const item = new SimItem(this.items.length + 1, name, occurredUs, this.#random.below(paddingMax))
      this.items.push(item)
      return item
    })
    const publishAtMs = Math.max(this.#publishing, this.#time.nowMs() + this.#random.below(5))
    this.#publishing = publishAtMs
    const isLost = this.#random.chance(this.#faults.lostPublications)
    this.#time.after(publishAtMs - this.#time.nowMs(), () => {
      // The writer ended before it could tell; its replacement tells the hub that something may be missing.
      if (isLost) this.#fanOut?.resync('writer')
      else for (const item of batch) this.#fanOut?.publish(item)
    })
  }

  /** What a filter of one name (or of all) sees of this log. */
  stream(name: string | undefined, pageItems: number): FilteredStream<SimItem> {
    const fanOut = this.#fanOut!
    const matches = (item: SimItem): boolean => name === undefined || item.name === name
    const keys = name === undefined ? undefined : { exact: [name], prefixes: [] }
    const shared: SharedFilter<SimItem> = { id: name ?? '', keys: { names: keys, resources: undefined, anyResources: undefined }, matches }
    const stored = (item: SimItem): StoredItem => ({ seq: item.seq, occurredUs: item.occurredUs, body: item.body })
    return {
      get publishedSeq() {
        return fanOut.publishedSeq
      },
      recentAfter: (seq) => fanOut.recentAfter(seq),
      isInTime: () => true,
      matches,
      join: (member) => fanOut.join(shared, member),
      readBounds: () => this.#read(() => ({ firstSeq: this.items.length > 0 ? 1 : 0, lastSeq: this.lastSeq })),
      readReplay: (afterSeq) =>
        this.#read((): ReplayPage => {
          const window = this.items.slice(afterSeq, afterSeq + pageItems * 4)
          const items = window.filter(matches).slice(0, pageItems)
          const isWhole = window.filter(matches).length <= pageItems
          const upToSeq = isWhole ? (window.at(-1)?.seq ?? afterSeq) : items.at(-1)!.seq
          return { items: items.map(stored), upToSeq, isEnd: upToSeq >= this.lastSeq, missed: 0 }
        }),
      readBackfill: (mark: BackfillMark | undefined) =>
        this.#read((): BackfillPage => {
          const upToSeq = mark?.upToSeq ?? this.lastSeq
          const behind = (item: SimItem): boolean =>
            !mark || item.occurredUs > mark.occurredUs || (item.occurredUs === mark.occurredUs && item.seq > mark.seq)
          const sorted = this.items
            .filter((item) => item.seq <= upToSeq && matches(item) && behind(item))
            .toSorted((a, b) => a.occurredUs - b.occurredUs || a.seq - b.seq)
          const items = sorted.slice(0, pageItems)
          const last = sorted.length > pageItems ? items.at(-1) : undefined
          return { items: items.map(stored), next: last && { upToSeq, occurredUs: last.occurredUs, seq: last.seq }, upToSeq }
        }),
      frameOf: (item, position, dropped) => new DeliveryFrame('event', item.body, formatCursor(epoch, position), epoch, dropped),
      ownFrameOf: (item, dropped) =>
        new DeliveryFrame('event', item.body, formatCursor(epoch, { kind: 'log', seq: item.seq }), epoch, dropped),
    }
  }

  /** Answers after a while, out of what is stored at some moment of it. */
  #read<Page>(look: () => Page): Promise<Page> {
    const waitMs = this.#random.below(this.#faults.readMs)
    const answerMs = this.#random.below(this.#faults.readMs)
    const isRefused = this.#random.chance(this.#faults.refusedReads)
    return new Promise((resolve, reject) => {
      this.#time.after(waitMs, () => {
        if (isRefused) return reject(new RetryableError('busy'))
        const page = look()
        this.#time.after(answerMs, () => resolve(page))
      })
    })
  }
}
