import assert from 'node:assert/strict'
import type { PeerHabits, SimulatedPeer } from './simulated-peer.ts'
import type { SimItem } from './simulated-log.ts'

export type ClientKind =
  /** They read to the end. */
  | 'healthy'
  | 'slow'
  | 'pausing'
  /** They do not, each in its own way. */
  | 'stalled'
  | 'silent'
  | 'mute'
  | 'resetting'
  | 'half-closing'
  | 'unanswering'

export const readingKinds: ReadonlySet<ClientKind> = new Set(['healthy', 'slow', 'pausing'])

/** A subscriber over all its connections: it comes back with the cursor of what it saw last, and notes what it gets. */
export class SimulatedClient {
  readonly kind: ClientKind
  /** The name that it asks for; undefined asks for all. */
  readonly name: string | undefined
  readonly backfill: boolean
  readonly seen: number[] = []
  cursor: string | undefined
  /** What was committed later than this is the least that it must get. */
  mustHaveAfter: number | undefined
  connections = 0
  peer: SimulatedPeer | undefined

  constructor(kind: ClientKind, name: string | undefined, backfill: boolean) {
    this.kind = kind
    this.name = name
    this.backfill = backfill
  }

  get comesBack(): boolean {
    return readingKinds.has(this.kind)
  }

  habits(random: { below(max: number): number }): PeerHabits {
    const reading = { latencyMs: 1 + random.below(20), kernelBytes: 2_000 + random.below(60_000), answersPings: true, answersClose: true }
    if (this.kind === 'slow') return { ...reading, bytesPerMs: 40 + random.below(60) }
    if (this.kind === 'unanswering') return { ...reading, bytesPerMs: 1_000, answersPings: false, answersClose: false }
    return { ...reading, bytesPerMs: 200 + random.below(2_000) }
  }

  /** The filter message of the next connection. */
  get request(): string {
    return JSON.stringify({ type: 'filter', filter: { name: this.name }, backfill: this.backfill, ...(this.cursor ? { cursor: this.cursor } : {}) })
  }

  read(text: string): void {
    if (text.startsWith('{"type":"resume"')) assert.match(text, /"status":"resumed"/)
    // Not as JSON: a run reads some millions of these.
    const [, seq, cursor] = /^\{"type":"event","event":\{"seq":(\d+),.*"cursor":"([^"]+)"/.exec(text) ?? []
    if (seq === undefined) return
    this.seen.push(Number(seq))
    this.cursor = cursor
  }

  /** Nothing twice; without a backfill in the order of the log; and no hole in what came. */
  assertNoGap(log: readonly SimItem[]): void {
    const distinct = new Set(this.seen)
    assert.equal(distinct.size, this.seen.length, `something came twice: ${this.seen.join(' ')}`)
    if (this.backfill || this.seen.length === 0) return
    for (let index = 1; index < this.seen.length; index += 1) assert.ok(this.seen[index]! > this.seen[index - 1]!, 'out of order')
    const first = this.seen[0]!
    const last = this.seen.at(-1)!
    const expected = log.filter((item) => item.seq >= first && item.seq <= last && this.#wants(item)).map((item) => item.seq)
    assert.deepEqual(this.seen, expected)
  }

  /** Everything that it must have by now. */
  assertComplete(log: readonly SimItem[]): void {
    const after = this.backfill ? 0 : this.mustHaveAfter
    assert.ok(after !== undefined, 'it was never let in')
    assert.deepEqual(this.#missing(log, after), [], `missing of ${log.length}`)
  }

  isComplete(log: readonly SimItem[]): boolean {
    const after = this.backfill ? 0 : this.mustHaveAfter
    return after !== undefined && this.#missing(log, after).length === 0
  }

  #missing(log: readonly SimItem[], after: number): number[] {
    const distinct = new Set(this.seen)
    return log.filter((item) => item.seq > after && this.#wants(item) && !distinct.has(item.seq)).map((item) => item.seq)
  }

  #wants(item: SimItem): boolean {
    return this.name === undefined || item.name === this.name
  }
}
