import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { EventFilter } from '@spillway/core/wire/events'
import { LogFilter } from '@spillway/core/wire/logs'
import { usFromMs } from '@spillway/core/wire/time'
import { compile } from '@spillway/core/wire/validate'
import type { HostRules } from '../access/origin.ts'
import type { ServerContext } from '../context.ts'
import { ConnectionPool } from './connection-pool.ts'
import { EventIntake } from './event-intake.ts'
import { EventsIn } from './events-in.ts'
import { Hub, type EventItem, type LogItem } from './hub.ts'
import { ReadGate } from './read-gate.ts'
import { PatientScheduler } from './scheduler.ts'
import { openEventStream, type StreamQuestion } from './sse.ts'
import { StreamOut, type StreamKind } from './stream-out.ts'
import { eventStream, logStream } from './stream-source.ts'
import { TaskSubscription } from './task-subscription.ts'
import { TaskWorkers } from './task-workers.ts'
import { UpgradeHandler, type EndpointRow } from './upgrade.ts'
import { WorkerChannel } from './worker-channel.ts'

export interface Streams {
  /** The way into the event log, shared with `POST /events`. */
  readonly intake: EventIntake
  readonly taskWorkers: TaskWorkers
  /** Whether anybody listens to live log lines: if not, they need not cross from the store. */
  hasLogSubscribers(): boolean
  /** Takes over a socket that asks for a websocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Answers a question with a stream of server-sent events: what it returns takes the response over. @throws 422, 503. */
  openEventStream(kind: 'events' | 'logs', question: StreamQuestion): (response: ServerResponse) => void
  /** Tells every peer to come back (1012) and ends what does not go. */
  close(): Promise<void>
}

/** Puts the stream endpoints together: what the store publishes goes through the hub to them. */
export async function createStreams(context: ServerContext, hostRules: HostRules): Promise<Streams> {
  const { store, settings, limits, metrics, log } = context
  const scheduler = new PatientScheduler()
  const [events, logs] = await Promise.all([store.read('readStreamBounds', { log: 'event' }), store.read('readStreamBounds', { log: 'log' })])
  const hub = new Hub(store.epoch, { events: events.lastSeq, logs: logs.lastSeq }, limits, metrics.streams, scheduler)
  const taskWorkers = new TaskWorkers()
  const intake = new EventIntake(store, limits, metrics, log, () => hub.events.members > 0)
  store.onPublications((publications) => hub.publish(publications))
  store.onWriterRestarted(() => hub.resync('writer'))
  const pool = new ConnectionPool(limits, metrics.streams, scheduler, log)
  scheduler.start(limits.sweepEveryMs, (nowMs) => pool.sweep(nowMs))

  const unknownFields = settings.strictFields ? 'forbid' : 'tolerate'
  const eventsIn = { intake, store, limits, metrics, log, maxEventBytes: settings.events.maxBytes }
  const sources = {
    hub,
    store,
    gate: new ReadGate(limits.streamReads),
    pageItems: limits.replayPageItems,
    pageBytes: limits.replayPageBytes,
    scanRows: limits.replayScanRows,
  }
  const parts = { limits, metrics: metrics.streams, scheduler, log }
  const eventKind: StreamKind<EventFilter, EventItem> = {
    endpoint: 'events-out',
    epoch: store.epoch,
    validateFilter: compile(EventFilter, { unknownFields }),
    makeStream: (filter) =>
      eventStream(sources, filter, {
        sinceUs: usFromMs(Date.now()) - settings.events.backfillSeconds * 1_000_000,
        pageItems: settings.events.backfillPage,
      }),
    backfill: true,
    liveEnabled: settings.events.streamOutEnabled,
  }
  const logKind: StreamKind<LogFilter, LogItem> = {
    endpoint: 'logs-out',
    epoch: store.epoch,
    validateFilter: compile(LogFilter, { unknownFields }),
    makeStream: (filter) => logStream(sources, filter),
    backfill: false,
    liveEnabled: settings.logs.streamOutEnabled,
  }
  const rows: EndpointRow[] = [
    { name: 'events-in', match: /^\/events\/in\/?$/, create: (connection) => new EventsIn(connection, eventsIn) },
    { name: 'events-out', match: /^\/events\/out\/?$/, create: (connection) => new StreamOut(connection, eventKind, parts) },
    { name: 'logs-out', match: /^\/logs\/out\/?$/, create: (connection) => new StreamOut(connection, logKind, parts) },
    {
      name: 'task-subscriptions',
      match: /^\/task_runs\/subscriptions\/scheduled\/?$/,
      create: (connection) => new TaskSubscription(connection, { hub, store, log, taskWorkers }),
    },
    {
      name: 'worker-channel',
      match: /^\/work_pools\/([^/]+)\/workers\/connect\/?$/,
      handshakeFailure: 'authentication_failed',
      create: (connection, [name]) => new WorkerChannel(connection, { hub, store, log, poolName: name ?? '' }),
    },
  ]
  const upgrades = new UpgradeHandler(context, hostRules, rows, pool)
  return {
    intake,
    taskWorkers,
    hasLogSubscribers: () => hub.logs.members > 0,
    upgrade: (request, socket, head) => upgrades.upgrade(request, socket, head),
    openEventStream: (kind, question) =>
      kind === 'events' ? openEventStream(context, pool, eventKind, parts, question) : openEventStream(context, pool, logKind, parts, question),
    async close() {
      intake.close()
      await upgrades.taken()
      await pool.drain()
      upgrades.close()
      scheduler.stop()
    },
  }
}
