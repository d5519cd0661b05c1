import type { Limits } from '../limits.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import type { Connection, Doorkeeper } from './connection.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * Lets peers in. Everybody gets the 101 at once; what is held back is `auth_success`, for which stock clients wait without a
 * deadline, or else the answer to their first ping, before which a close with 1013 makes them try again (catalogue, fact 5).
 *
 * Two bounds: peers that have not proved who they are (the oldest silent ones go first, so that they can starve nobody), and peers
 * that were let in and are not served yet, whose first reads of the store would otherwise come all at once.
 */
export class Admission implements Doorkeeper {
  readonly #limits: Limits
  readonly #metrics: StreamMetrics
  readonly #scheduler: Scheduler
  /** In the order of their coming, with the time. */
  readonly #unauthenticated = new Map<Connection, number>()
  readonly #waiting = new Set<Connection>()
  /** Let in and not served yet, since when. */
  readonly #opening = new Map<Connection, number>()
  #tokens: number
  #tokensAtMs: number

  constructor(limits: Limits, metrics: StreamMetrics, scheduler: Scheduler) {
    this.#limits = limits
    this.#metrics = metrics
    this.#scheduler = scheduler
    this.#tokens = limits.admissionsPerSecond
    this.#tokensAtMs = scheduler.nowMs()
  }

  /** A peer that has to prove who it is. */
  arrive(connection: Connection): void {
    if (connection.state === 'auth') this.#unauthenticated.set(connection, this.#scheduler.nowMs())
  }

  authenticated(connection: Connection): void {
    this.#unauthenticated.delete(connection)
    this.#waiting.add(connection)
    this.#metrics.totals.admissionWaiting = this.#waiting.size
    this.#admitNext()
  }

  settled(connection: Connection): void {
    this.#unauthenticated.delete(connection)
    if (this.#waiting.delete(connection)) this.#metrics.totals.admissionWaiting = this.#waiting.size
    if (this.#opening.delete(connection)) this.#admitNext()
  }

  /** Called by the sweep of all connections. */
  tick(nowMs: number): void {
    for (const [connection, sinceMs] of this.#opening) {
      if (nowMs - sinceMs < this.#limits.admissionHoldMs) break
      this.#opening.delete(connection)
    }
    this.#evictSilent(nowMs)
    this.#admitNext()
  }

  #admitNext(): void {
    const nowMs = this.#scheduler.nowMs()
    const { admissionsPerSecond, admissionConcurrent } = this.#limits
    this.#tokens = Math.min(admissionsPerSecond, this.#tokens + ((nowMs - this.#tokensAtMs) * admissionsPerSecond) / 1_000)
    this.#tokensAtMs = nowMs
    for (const connection of this.#waiting) {
      if (this.#opening.size >= admissionConcurrent || this.#tokens < 1) break
      this.#tokens -= 1
      this.#waiting.delete(connection)
      this.#opening.set(connection, nowMs)
      connection.admit()
    }
    this.#metrics.totals.admissionWaiting = this.#waiting.size
  }

  #evictSilent(nowMs: number): void {
    let over = this.#unauthenticated.size - this.#limits.unauthenticatedConnections
    let ended = 0
    for (const [connection, sinceMs] of this.#unauthenticated) {
      if (over <= 0 || nowMs - sinceMs < this.#limits.unauthenticatedGraceMs) return
      if (!connection.mayStillBeRefused) continue
      if (ended >= this.#limits.endingsPerTurn) return this.#scheduler.soon(() => this.#evictSilent(nowMs))
      this.#metrics.limitReached.inc({ limit: 'unauthenticatedConnections' })
      connection.close('too-many-handshakes')
      over -= 1
      ended += 1
    }
  }
}
