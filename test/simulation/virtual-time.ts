import type { Scheduler } from '@spillway/server/streams/scheduler'

interface Planned {
  atMs: number
  order: number
  work: (() => void) | undefined
}

/** As many awaits in a row as the longest chain of the machines has, from a settled read to what is done with it. */
const followUps = 8

/** Time that passes only when it is told to: events run in the order of their time, those of one time in the order of planning. */
export class VirtualTime implements Scheduler {
  #nowMs = 0
  #order = 0
  /** A binary heap, the earliest first. */
  readonly #heap: Planned[] = []

  nowMs(): number {
    return this.#nowMs
  }

  soon(work: () => void): void {
    this.#plan(0, work)
  }

  after(delayMs: number, work: () => void): () => void {
    const planned = this.#plan(delayMs, work)
    return () => (planned.work = undefined)
  }

  /** Runs everything up to a time. Promises that an event settles are followed up before the next event. */
  async runUntil(endMs: number): Promise<void> {
    for (let next = this.#heap[0]; next && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop()
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      if (!next.work) continue
      next.work()
      for (let turn = 0; turn < followUps; turn += 1) await Promise.resolve()
    }
    this.#nowMs = endMs
  }

  #plan(delayMs: number, work: () => void): Planned {
    const planned = { atMs: this.#nowMs + delayMs, order: (this.#order += 1), work }
    const heap = this.#heap
    let index = heap.push(planned) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(heap[index]!, heap[parent]!)) break
      ;[heap[index], heap[parent]] = [heap[parent]!, heap[index]!]
      index = parent
    }
    return planned
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    heap[0] = last
    for (let index = 0; ; ) {
      const left = 2 * index + 1
      const child = left + 1 < heap.length && isBefore(heap[left + 1]!, heap[left]!) ? left + 1 : left
      if (child >= heap.length || !isBefore(heap[child]!, heap[index]!)) break
      ;[heap[index], heap[child]] = [heap[child]!, heap[index]!]
      index = child
    }
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
