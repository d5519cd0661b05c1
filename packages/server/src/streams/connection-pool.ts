import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import { Admission } from './admission.ts'
import { Connection, type ConnectionOptions, type Endpoint } from './connection.ts'
import type { Scheduler } from './scheduler.ts'
import type { Transport } from './transport.ts'

type Kind = 'websocket' | 'sse'

/** All stream connections: swept together, bounded together, ended together. */
export class ConnectionPool {
  readonly #limits: Limits
  readonly #metrics: StreamMetrics
  readonly #scheduler: Scheduler
  readonly #log: Logger
  readonly #admission: Admission
  readonly #connections = new Map<Connection, Kind>()
  #sse = 0
  /** Where the sweep under way is. */
  #sweeping: MapIterator<Connection> | undefined
  #draining = false

  constructor(limits: Limits, metrics: StreamMetrics, scheduler: Scheduler, log: Logger) {
    this.#log = log
    this.#limits = limits
    this.#metrics = metrics
    this.#scheduler = scheduler
    this.#admission = new Admission(limits, metrics, scheduler)
  }

  get size(): number {
    return this.#connections.size
  }

  get websockets(): number {
    return this.#connections.size - this.#sse
  }

  get sse(): number {
    return this.#sse
  }

  get isDraining(): boolean {
    return this.#draining
  }

  /** Takes a peer in; it stays until its transport has closed. */
  add(transport: Transport, options: ConnectionOptions, kind: Kind, makeEndpoint: (connection: Connection) => Endpoint): Connection {
    const connection = new Connection(
      transport,
      options,
      {
        limits: this.#limits,
        metrics: this.#metrics,
        scheduler: this.#scheduler,
        doorkeeper: this.#admission,
        onClosed: (closed) => this.#remove(closed),
        onFault: (error, endpoint) => this.#log.error({ endpoint, err: error }, 'a message could not be worked on; its connection ends'),
      },
      makeEndpoint,
    )
    this.#connections.set(connection, kind)
    if (kind === 'sse') this.#sse += 1
    this.#admission.arrive(connection)
    return connection
  }

  /** Looks at the deadlines of all. A sweep that has come while the one before ends thousands is left out. */
  sweep(nowMs: number): void {
    if (this.#sweeping) return
    this.#sweeping = this.#connections.keys()
    this.#sweepOn(nowMs)
    this.#admission.tick(nowMs)
    if (this.#metrics.totals.queuedBytes > this.#limits.streamsQueueBytes) this.#cutOffLargest()
  }

  /** Ends a bounded number of connections a turn: freeing what the kernel holds for a peer takes its time. */
  #sweepOn(nowMs: number): void {
    let ended = 0
    let isOver = true
    try {
      for (const connection of this.#sweeping!) {
        if (connection.tick(nowMs)) ended += 1
        if (ended < this.#limits.endingsPerTurn) continue
        isOver = false
        return this.#scheduler.soon(() => this.#sweepOn(nowMs))
      }
    } finally {
      // Also after a fault: without sweeps no deadline would hold any more.
      if (isOver) this.#sweeping = undefined
    }
  }

  /**
   * Tells every peer to come back (1012), one after another so that they do not come back all at once, and ends what does not go.
   * Resolves when none is left.
   */
  async drain(): Promise<void> {
    this.#draining = true
    const peers = [...this.#connections.keys()]
    // Three milliseconds for each: a small server is gone at once.
    const spreadMs = Math.min(this.#limits.drainSpreadMs, peers.length * 3)
    const startedMs = this.#scheduler.nowMs()
    for (let told = 0; told < peers.length; ) {
      const share = spreadMs === 0 ? 1 : (this.#scheduler.nowMs() - startedMs) / spreadMs
      const due = Math.min(peers.length, Math.ceil(share * peers.length) + 1)
      for (; told < due; told += 1) {
        if (!peers[told]!.mustBeLetIn) peers[told]!.close('shutdown')
      }
      if (told < peers.length) await this.#pause(20)
    }
    const deadlineMs = this.#scheduler.nowMs() + Math.min(2_000, this.#limits.closeTimeoutMs / 2)
    while (this.#connections.size > 0 && this.#scheduler.nowMs() < deadlineMs) {
      // Those who were in the middle of their handshake, and those whose upgrade was under way.
      for (const connection of this.#connections.keys()) if (!connection.mustBeLetIn) connection.close('shutdown')
      await this.#pause(20)
    }
    for (const connection of this.#connections.keys()) connection.terminate()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#scheduler.after(ms, resolve))
  }

  #remove(connection: Connection): void {
    if (this.#connections.get(connection) === 'sse') this.#sse -= 1
    this.#connections.delete(connection)
  }

  /** The one with the most bytes waiting goes first, until the bound holds again. */
  #cutOffLargest(): void {
    const byBytes = [...this.#connections.keys()].toSorted((a, b) => b.queuedBytes - a.queuedBytes)
    for (const connection of byBytes) {
      if (this.#metrics.totals.queuedBytes <= this.#limits.streamsQueueBytes) return
      this.#metrics.limitReached.inc({ limit: 'streamsQueueBytes' })
      connection.close('slow-consumer')
    }
  }
}
