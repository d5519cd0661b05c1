import type { EventFilterKeys } from '@spillway/core/domain/event-filter'
import type { Limits } from '../limits.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import type { Frame } from './frames.ts'
import type { Scheduler } from './scheduler.ts'
import { isIndexable, SubscriptionIndex, type IndexedItem } from './subscription-index.ts'

/** What passes through the hub: parsed at most once, encoded at most once, whoever many look at it. */
export interface StreamItem extends IndexedItem {
  /** Rises with each commit. */
  readonly seq: number
  readonly occurredUs: number
  readonly bytes: number
  readonly frame: Frame
}

/** A filter that some subscriptions share; it is tested once for all of them. Times stand beside it, with each member. */
export interface SharedFilter<Item> {
  /** Equal for equal filters. */
  readonly id: string
  readonly keys: EventFilterKeys
  matches(item: Item): boolean
}

/** A subscription as the fan-out sees it. Neither call waits or throws. */
export interface Member<Item> {
  offer(item: Item): void
  /** Items from this cursor on may not have been offered: look into the store. */
  missedFrom(seq: number): void
}

interface Group<Item> {
  filter: SharedFilter<Item>
  members: Set<Member<Item>>
  /** The members as a list, made when it is asked for: a fan-out goes through it while members come and go. */
  list: readonly Member<Item>[] | undefined
}

/** Some items that follow each other in the log, on their way to those whom they match. */
interface Batch<Item> {
  firstSeq: number
  items: number
  bytes: number
  /** What each group gets of it. */
  matches: Map<Group<Item>, Item[]>
  /** To whom it still has to be offered; undefined while it is being gathered. */
  targets: Iterator<readonly [Member<Item>, readonly Item[]]> | undefined
}

/**
 * Offers each published item to the subscriptions that it matches, in the order of the log, a few milliseconds at a time. A member gets
 * what a whole batch of items has for it before the next member gets anything: then it leaves in one system call, which costs more than all the rest. Publishers
 * never wait: when more waits here than the bounds allow, all of it is dropped and the subscriptions are sent to the store, which
 * has it all.
 *
 * The newest items are kept, so that a subscription that fell a little behind catches up without the store.
 */
export class FanOut<Item extends StreamItem> {
  readonly #limits: Limits
  readonly #metrics: StreamMetrics
  readonly #scheduler: Scheduler
  readonly #groups = new Map<string, Group<Item>>()
  readonly #index = new SubscriptionIndex<Group<Item>>()
  #members = 0
  #waiting: Item[] = []
  #waitingHead = 0
  #waitingBytes = 0
  #current: Batch<Item> | undefined
  #scheduled = false
  #recent: Item[] = []
  #recentBytes = 0
  #publishedSeq: number
  /** Something may be committed behind `publishedSeq` that will never be published. */
  #isUnsure = false

  /** @param newestSeq The newest cursor of the log. */
  constructor(newestSeq: number, limits: Limits, metrics: StreamMetrics, scheduler: Scheduler) {
    this.#publishedSeq = newestSeq
    this.#limits = limits
    this.#metrics = metrics
    this.#scheduler = scheduler
  }

  get members(): number {
    return this.#members
  }

  /** The newest cursor that came by. */
  get publishedSeq(): number {
    return this.#publishedSeq
  }

  /** The newest items behind a cursor, oldest first; undefined when some of them are not kept here any more. */
  recentAfter(seq: number): readonly Item[] | undefined {
    if (this.#isUnsure) return undefined
    if (seq >= this.#publishedSeq) return []
    const first = this.#recent[0]
    if (!first || first.seq > seq + 1) return undefined
    let low = 0
    let high = this.#recent.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#recent[middle]!.seq <= seq) low = middle + 1
      else high = middle
    }
    return this.#recent.slice(low, low + this.#limits.replayPageItems)
  }

  /** @returns undefined when the filter is one too many of those that every item has to be tested against. */
  join(filter: SharedFilter<Item>, member: Member<Item>): (() => void) | undefined {
    let group = this.#groups.get(filter.id)
    if (!group) {
      if (!isIndexable(filter.keys) && this.#index.unindexed >= this.#limits.unindexedFilters) {
        this.#metrics.limitReached.inc({ limit: 'unindexedFilters' })
        return undefined
      }
      group = { filter, members: new Set(), list: undefined }
      this.#groups.set(filter.id, group)
      this.#index.add(filter.keys, group)
    }
    const joined = group
    joined.members.add(member)
    joined.list = undefined
    this.#members += 1
    return () => {
      if (!joined.members.delete(member)) return
      joined.list = undefined
      this.#members -= 1
      if (joined.members.size > 0) return
      this.#groups.delete(filter.id)
      this.#index.remove(filter.keys, joined)
    }
  }

  /** Takes in what was committed, in commit order. */
  publish(item: Item): void {
    this.#publishedSeq = item.seq
    this.#isUnsure = false
    if (this.#members === 0) {
      this.#forgetRecent()
      return
    }
    this.#keepRecent(item)
    const { hubItems, hubBytes } = this.#limits
    const tooMany = this.#waiting.length - this.#waitingHead >= hubItems
    if (tooMany || this.#waitingBytes + item.bytes > hubBytes) {
      this.#metrics.limitReached.inc({ limit: tooMany ? 'hubItems' : 'hubBytes' })
      this.#sendToStore('hub-full', item.seq)
      return
    }
    this.#waiting.push(item)
    this.#waitingBytes += item.bytes
    this.#metrics.totals.hubItems += 1
    this.#schedule()
  }

  /**
   * Something was committed that was not published here.
   *
   * @param seq The newest cursor of it, where that is known.
   */
  resync(reason: string, seq = 0): void {
    this.#forgetRecent()
    if (this.#members > 0) this.#sendToStore(reason, this.#publishedSeq + 1)
    this.#publishedSeq = Math.max(this.#publishedSeq, seq)
    this.#isUnsure = seq === 0
  }

  /** All members have to look into the store from the first item on that they may not have been offered. */
  #sendToStore(reason: string, missedSeq: number): void {
    const from = this.#current?.firstSeq ?? this.#waiting[this.#waitingHead]?.seq ?? missedSeq
    this.#metrics.totals.hubItems -= this.#waiting.length - this.#waitingHead
    this.#waiting = []
    this.#waitingHead = 0
    this.#waitingBytes = 0
    this.#current = undefined
    this.#metrics.resyncs.inc({ reason })
    for (const { members } of this.#groups.values()) for (const member of members) member.missedFrom(from)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#scheduler.soon(() => {
      this.#scheduled = false
      this.#runSlice()
    })
  }

  #runSlice(): void {
    const limits = this.#limits
    const endMs = this.#scheduler.nowMs() + limits.fanOutSliceMs
    let frames = 0
    let bytes = 0
    // What is offered is written when the slice is over, which its time does not show.
    while (frames < limits.fanOutSliceFrames && bytes < limits.fanOutSliceBytes) {
      const batch = this.#current ?? this.#begin()
      if (!batch) return
      if (!batch.targets) this.#gather(batch)
      else {
        const next = batch.targets.next()
        if (next.done) this.#current = undefined
        else {
          const [member, items] = next.value
          for (const item of items) {
            member.offer(item)
            bytes += item.bytes
          }
          frames += items.length
        }
      }
      if (this.#scheduler.nowMs() >= endMs) break
    }
    this.#schedule()
  }

  #begin(): Batch<Item> | undefined {
    const first = this.#waiting[this.#waitingHead]
    if (!first) return undefined
    return (this.#current = { firstSeq: first.seq, items: 0, bytes: 0, matches: new Map(), targets: undefined })
  }

  /** Finds out who gets the next item. The batch is whole when it has enough of them, or there are no more. */
  #gather(batch: Batch<Item>): void {
    const { fanOutBatchItems, fanOutBatchBytes } = this.#limits
    const item = batch.items < fanOutBatchItems && batch.bytes < fanOutBatchBytes ? this.#take() : undefined
    if (!item) {
      batch.targets = targetsOf(batch)
      return
    }
    batch.items += 1
    batch.bytes += item.bytes
    for (const group of this.#index.find(item)) {
      if (group.members.size === 0 || !group.filter.matches(item)) continue
      const matched = batch.matches.get(group)
      if (matched) matched.push(item)
      else batch.matches.set(group, [item])
    }
  }

  #take(): Item | undefined {
    const item = this.#waiting[this.#waitingHead]
    if (!item) return undefined
    this.#waitingHead += 1
    this.#waitingBytes -= item.bytes
    this.#metrics.totals.hubItems -= 1
    if (this.#waitingHead === this.#waiting.length) {
      this.#waiting = []
      this.#waitingHead = 0
    } else if (this.#waitingHead >= 1_024) {
      this.#waiting = this.#waiting.slice(this.#waitingHead)
      this.#waitingHead = 0
    }
    return item
  }

  #keepRecent(item: Item): void {
    this.#recent.push(item)
    this.#recentBytes += item.bytes
    const { recentItems, recentBytes } = this.#limits
    // In steps, for moving the rest costs something each time.
    if (this.#recent.length <= recentItems * 1.25 && this.#recentBytes <= recentBytes * 1.25) return
    let drop = 0
    while (this.#recent.length - drop > recentItems || this.#recentBytes > recentBytes) {
      this.#recentBytes -= this.#recent[drop]!.bytes
      drop += 1
    }
    this.#recent = this.#recent.slice(drop)
  }

  #forgetRecent(): void {
    if (this.#recent.length === 0) return
    this.#recent = []
    this.#recentBytes = 0
  }
}

function* targetsOf<Item>({ matches }: Batch<Item>): Generator<readonly [Member<Item>, readonly Item[]]> {
  for (const [group, items] of matches) for (const member of (group.list ??= [...group.members])) yield [member, items]
}
