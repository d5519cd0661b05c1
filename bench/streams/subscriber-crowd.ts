import type { ChildProcess } from 'node:child_process'
import { ask, endPart, startPart } from '../lib/process.ts'
import type { DialJob, Dialled, Received } from '../subscribers.ts'
import type { Target } from '../targets.ts'

/** Subscribers of one target, spread over load processes. */
export class SubscriberCrowd {
  readonly #target: Target
  readonly #parts: ChildProcess[]
  readonly #firstAddress: number

  /** @param firstAddress Source addresses of a process start here; crowds that live at the same time use different ones. */
  constructor(target: Target, processes: number, firstAddress = 10) {
    this.#target = target
    this.#parts = Array.from({ length: processes }, () => startPart(new URL('../subscribers.ts', import.meta.url)))
    this.#firstAddress = firstAddress
  }

  /** Dials all of them at once, in equal parts: `count` must divide by the number of processes and of filters. */
  dial(count: number, filters: string[], withinMs: number, checkEvents = false): Promise<Dialled[]> {
    const { host, port, base } = this.#target
    return Promise.all(this.#parts.map((part, n) => ask<Dialled>(part, {
      do: 'dial', host, port, base, count: count / this.#parts.length, filters, withinMs, firstAddress: this.#firstAddress + 16 * n, checkEvents,
    } satisfies DialJob)))
  }

  /** Waits until each process has received its share of so many events. */
  until(events: number, withinMs: number): Promise<Received[]> {
    return Promise.all(this.#parts.map((part) => ask<Received>(part, { do: 'until', events: events / this.#parts.length, withinMs })))
  }

  tell(): Promise<Received[]> {
    return Promise.all(this.#parts.map((part) => ask<Received>(part, { do: 'tell' })))
  }

  /** Ends the subscribers; the processes stay for more. */
  endAll(): Promise<Received[]> {
    return Promise.all(this.#parts.map((part) => ask<Received>(part, { do: 'end' })))
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => endPart(part)))
  }
}

/** The counts of several processes together. */
export function sumCounts(counts: readonly Record<string, number>[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const one of counts) for (const [key, count] of Object.entries(one)) all[key] = (all[key] ?? 0) + count
  return all
}

/** Endings as figures of a case. */
export function errorFigures(endings: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(endings).map(([ending, count]) => [`error: ${ending}`, count]))
}
