import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sdkLimits } from '../limits.ts'
import type { OutgoingEvent } from './outbox.ts'

/**
 * States of runs that found no room in memory, a line each, first in first out. The file is made when it is needed, is
 * readable by this user alone, and goes when it has been read to its end.
 *
 * Writing is synchronous: it happens only in an outage, and a state must be in the file before user code goes on.
 */
export class SpillFile {
  #folder: string | undefined
  #descriptor = -1
  #readAt = 0
  #writeAt = 0
  #rest = Buffer.alloc(0)
  #events = 0

  get events(): number {
    return this.#events
  }

  get bytes(): number {
    return this.#writeAt
  }

  /** @returns false when the file cannot be written (disk full, no temporary folder). */
  append({ json }: OutgoingEvent): boolean {
    try {
      if (this.#folder === undefined) {
        this.#folder = mkdtempSync(path.join(tmpdir(), 'spillway-events-'))
        this.#descriptor = openSync(path.join(this.#folder, 'states.jsonl'), 'w+', 0o600)
      }
      const line = Buffer.from(`${json}\n`)
      for (let written = 0; written < line.length;) {
        written += writeSync(this.#descriptor, line, written, line.length - written, this.#writeAt + written)
      }
      this.#writeAt += line.length
      this.#events++
      return true
    } catch {
      return false
    }
  }

  /** The oldest events, at most so many. */
  take(eventsMax: number): OutgoingEvent[] {
    const taken: OutgoingEvent[] = []
    while (taken.length < eventsMax && this.#events > 0) {
      const end = this.#rest.indexOf(10)
      if (end < 0) {
        this.#readMore()
        continue
      }
      taken.push({ json: this.#rest.subarray(0, end).toString(), isState: true })
      this.#rest = this.#rest.subarray(end + 1)
      this.#events--
    }
    if (this.#events === 0) this.remove()
    return taken
  }

  remove(): void {
    if (this.#folder === undefined) return
    closeSync(this.#descriptor)
    rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
    this.#readAt = this.#writeAt = this.#events = 0
    this.#rest = Buffer.alloc(0)
  }

  #readMore(): void {
    const chunk = Buffer.alloc(sdkLimits.spillReadBytes)
    const length = readSync(this.#descriptor, chunk, 0, sdkLimits.spillReadBytes, this.#readAt)
    if (length === 0) throw new Error('the file of events ends before its last event')
    this.#readAt += length
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, length)])
  }
}
