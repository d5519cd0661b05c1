import type { Cell } from '../metric-registry.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import type { CloseReason } from './close-reasons.ts'
import type { BackfillMark, Position } from './cursor.ts'
import type { Member, StreamItem } from './fan-out.ts'
import type { Frame } from './frames.ts'
import type { Scheduler } from './scheduler.ts'

/** The connection, as a subscription sees it. */
export interface Outlet {
  readonly open: boolean
  /** Room enough to fetch more. */
  readonly hasRoom: boolean
  hasRoomFor(frame: Frame): boolean
  /** Asks for `roomAgain`. */
  whenRoom(): void
  send(frame: Frame): boolean
  close(reason: CloseReason, text?: string): void
}

/** An item out of the store. */
export interface StoredItem {
  seq: number
  occurredUs: number
  body: string
}

/** What lies behind a cursor, in the order of the log; only what matches. */
export interface ReplayPage {
  items: readonly StoredItem[]
  /** Everything up to here was looked at. */
  upToSeq: number
  /** There was nothing behind it when the page was read. */
  isEnd: boolean
  /** Items behind the cursor that retention had deleted before: nobody can tell any more whether they matched. */
  missed: number
}

/** What had happened before the subscription began, in the order of occurrence. */
export interface BackfillPage {
  items: readonly StoredItem[]
  /** Where the next page starts; undefined after the last. */
  next: BackfillMark | undefined
  /** The end of the log at the time of the first page. */
  upToSeq: number
}

/** Where a subscription gets its items from. */
export interface Source<Item> {
  readonly publishedSeq: number
  /** The newest items behind a cursor; undefined when they are only in the store. An empty list: there are none. */
  recentAfter(seq: number): readonly Item[] | undefined
  /** The whole filter. */
  matches(item: Item): boolean
  /** The part of the filter that the fan-out does not look at: the time of the item. */
  isInTime(item: Item): boolean
  readReplay(afterSeq: number): Promise<ReplayPage>
  readBackfill(mark: BackfillMark | undefined): Promise<BackfillPage>
  frameOf(item: StoredItem, position: Position, dropped: number): Frame
  /** The frame of a live item for a subscription that has missed some. */
  ownFrameOf(item: Item, dropped: number): Frame
}

export type Start = { kind: 'now' } | { kind: 'backfill' } | { kind: 'resume'; position: Position }

type Mode = 'starting' | 'backfill' | 'replay' | 'live' | 'ended'

/** Waits before the store is asked again, by failures in a row. */
const retryDelaysMs = [50, 100, 250, 500, 1_000, 2_000]

/**
 * One subscriber's way through a log: what happened before (backfill), what it missed (replay), what happens now (live). Each item
 * that matches is given once, in the order of the log; a backfill comes in the order of occurrence.
 *
 * `position` is the whole memory of it: everything up to this cursor was given or does not match. A live item for which the peer
 * has no room is not kept: the subscription goes back to replay, and is fed from the recent items or the store as room appears.
 * While the last page of a replay is read, live items are held, so that nothing falls between the two and nothing comes twice.
 */
export class Subscription<Item extends StreamItem> implements Member<Item> {
  readonly #outlet: Outlet
  readonly #source: Source<Item>
  readonly #scheduler: Scheduler
  readonly #metrics: StreamMetrics
  readonly #endpoint: string
  readonly #delivered: Cell
  readonly #heldBytesMax: number
  readonly #isPassing: (error: Error) => boolean
  #mode: Mode
  #position = 0
  #mark: BackfillMark | undefined
  #dropped = 0
  #reading = false
  #stepping = false
  /** Live items that came while a page was read; undefined when there were too many to hold. */
  #held: Item[] | undefined
  #heldBytes = 0
  #failures = 0
  #takeBackRetry: (() => void) | undefined

  constructor(
    outlet: Outlet,
    source: Source<Item>,
    parts: { endpoint: string; scheduler: Scheduler; metrics: StreamMetrics; heldBytesMax: number; isPassing: (error: Error) => boolean },
  ) {
    this.#outlet = outlet
    this.#source = source
    this.#scheduler = parts.scheduler
    this.#metrics = parts.metrics
    this.#endpoint = parts.endpoint
    this.#delivered = parts.metrics.delivered.cell({ endpoint: parts.endpoint })
    this.#heldBytesMax = parts.heldBytesMax
    this.#isPassing = parts.isPassing
    this.#mode = 'starting'
    this.#metrics.subscriptions.inc({ endpoint: this.#endpoint, mode: 'starting' })
  }

  get mode(): Mode {
    return this.#mode
  }


  get dropped(): number {
    return this.#dropped
  }

  /** Begins. The subscription must be a member of the fan-out already: what is committed from now on is offered. */
  start(from: Start): void {
    if (this.#mode !== 'starting') return
    if (from.kind === 'now') {
      this.#position = this.#source.publishedSeq
      return this.#changeMode('live')
    }
    if (from.kind === 'resume' && from.position.kind === 'log') {
      this.#position = from.position.seq
      this.#changeMode('replay')
    } else {
      this.#mark = from.kind === 'resume' && from.position.kind === 'backfill' ? from.position.mark : undefined
      this.#changeMode('backfill')
    }
    this.#step()
  }

  offer(item: Item): void {
    if (this.#mode === 'live') {
      if (item.seq <= this.#position || !this.#source.isInTime(item) || this.#give(item)) return
      // Everything before it was offered.
      this.#position = item.seq - 1
      this.#changeMode('replay')
      this.#outlet.whenRoom()
      return
    }
    if (!this.#held || this.#mode !== 'replay') return
    this.#heldBytes += item.bytes
    if (this.#heldBytes > this.#heldBytesMax) this.#held = undefined
    else this.#held.push(item)
  }

  missedFrom(seq: number): void {
    this.#held = undefined
    if (this.#mode !== 'live') return
    this.#position = Math.max(this.#position, seq - 1)
    this.#changeMode('replay')
    this.#soon()
  }

  roomAgain(): void {
    this.#step()
  }

  end(): void {
    if (this.#mode === 'ended') return
    this.#changeMode('ended')
    this.#held = undefined
    this.#takeBackRetry?.()
  }

  #soon(): void {
    if (this.#stepping) return
    this.#stepping = true
    this.#scheduler.soon(() => {
      this.#stepping = false
      this.#step()
    })
  }

  /** Fetches what comes next, if there is room for it and nothing is being fetched. */
  #step(): void {
    if (this.#reading || this.#takeBackRetry || (this.#mode !== 'backfill' && this.#mode !== 'replay')) return
    if (!this.#outlet.hasRoom) return this.#outlet.whenRoom()
    if (this.#mode === 'backfill') return void this.#readBackfill()
    const recent = this.#source.recentAfter(this.#position)
    if (!recent) return void this.#readReplay()
    this.#catchUp(recent)
  }

  /** @returns false when the peer has no room for it. */
  #give(item: Item): boolean {
    const frame = this.#dropped > 0 ? this.#source.ownFrameOf(item, this.#dropped) : item.frame
    return this.#giveFrame(frame, item.seq)
  }

  #giveFrame(frame: Frame, seq: number): boolean {
    if (!this.#outlet.hasRoomFor(frame)) return false
    this.#position = Math.max(this.#position, seq)
    if (this.#outlet.send(frame)) this.#delivered.value += 1
    return true
  }

  #catchUp(recent: readonly Item[]): void {
    this.#metrics.replayPages.inc({ endpoint: this.#endpoint, from: 'recent' })
    for (const item of recent) {
      if (this.#source.matches(item) && !this.#give(item)) return this.#outlet.whenRoom()
      this.#position = Math.max(this.#position, item.seq)
      if (this.#mode !== 'replay') return
    }
    if (this.#position >= this.#source.publishedSeq) this.#changeMode('live')
    else this.#soon()
  }

  async #readReplay(): Promise<void> {
    this.#held = []
    this.#heldBytes = 0
    const page = await this.#read(() => this.#source.readReplay(this.#position))
    const held = this.#held
    this.#held = undefined
    if (!page || this.#mode !== 'replay') return
    this.#metrics.replayPages.inc({ endpoint: this.#endpoint, from: 'store' })
    if (page.missed > 0) {
      this.#dropped += page.missed
      this.#metrics.dropped.inc({ endpoint: this.#endpoint, reason: 'retention' }, page.missed)
    }
    for (const item of page.items) {
      const frame = this.#source.frameOf(item, { kind: 'log', seq: item.seq }, this.#dropped)
      if (!this.#giveFrame(frame, item.seq)) return this.#outlet.whenRoom()
      if (this.#mode !== 'replay') return
    }
    this.#position = Math.max(this.#position, page.upToSeq)
    if (!page.isEnd || !held) return this.#soon()
    this.#changeMode('live')
    for (const item of held) this.offer(item)
  }

  async #readBackfill(): Promise<void> {
    const page = await this.#read(() => this.#source.readBackfill(this.#mark))
    if (!page || this.#mode !== 'backfill') return
    this.#metrics.replayPages.inc({ endpoint: this.#endpoint, from: 'backfill' })
    for (const item of page.items) {
      const mark = { upToSeq: page.upToSeq, occurredUs: item.occurredUs, seq: item.seq }
      const frame = this.#source.frameOf(item, { kind: 'backfill', mark }, this.#dropped)
      if (!this.#outlet.hasRoomFor(frame)) {
        this.#mark ??= { upToSeq: page.upToSeq, occurredUs: Number.MIN_SAFE_INTEGER, seq: 0 }
        return this.#outlet.whenRoom()
      }
      this.#mark = mark
      if (this.#outlet.send(frame)) this.#delivered.value += 1
      if (this.#mode !== 'backfill') return
    }
    if (page.next) this.#mark = page.next
    else {
      this.#position = page.upToSeq
      this.#changeMode('replay')
    }
    this.#soon()
  }

  /** Asks the store. A passing refusal is tried again after a while; nothing else of the subscription goes on meanwhile. */
  async #read<Page>(ask: () => Promise<Page>): Promise<Page | undefined> {
    this.#reading = true
    try {
      const page = await ask()
      this.#failures = 0
      return page
    } catch (error) {
      if (this.#mode === 'ended') return undefined
      if (!this.#isPassing(error as Error)) {
        this.#outlet.close('server-error')
        return undefined
      }
      const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length - 1)]!
      this.#failures += 1
      this.#takeBackRetry = this.#scheduler.after(delayMs, () => {
        this.#takeBackRetry = undefined
        this.#step()
      })
      return undefined
    } finally {
      this.#reading = false
    }
  }

  #changeMode(mode: Mode): void {
    const endpoint = this.#endpoint
    this.#metrics.subscriptions.dec({ endpoint, mode: this.#mode })
    if (mode !== 'ended') this.#metrics.subscriptions.inc({ endpoint, mode })
    this.#mode = mode
  }
}
