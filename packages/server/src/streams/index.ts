import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { EventFilter } from '@spillway/core/wire/events'
import { LogFilter } from '@spillway/core/wire/logs'
import { usFromMs } from '@spillway/core/wire/time'
import { compile } from '@spillway/core/wire/validate'
import type { HostRules } from '../access/origin.ts'
import type { ServerContext } from '../context.ts'
import { EventIntake } from './event-intake.ts'
import { EventsIn } from './events-in.ts'
import { EventsOut } from './events-out.ts'
import { Hub } from './hub.ts'
import { LogsOut } from './logs-out.ts'
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
  /** Tells every peer to come back (1012) and ends what does not go. */
  close(): Promise<void>
}

/** Puts the stream endpoints together: what the store publishes goes through the hub to them. */
export function createStreams(context: ServerContext, hostRules: HostRules): Streams {
  const { store, settings, limits, metrics, log } = context
  const hub = new Hub()
  const taskWorkers = new TaskWorkers()
  const intake = new EventIntake(store, limits, metrics, log)
  store.onPublications((publications) => hub.publish(publications))

  const unknownFields = settings.strictFields ? 'forbid' : 'tolerate'
  const eventsIn = { intake, store, limits, metrics, log, maxEventBytes: settings.events.maxBytes }
  const eventsOut = {
    hub,
    store,
    limits,
    metrics,
    log,
    backfillSeconds: settings.events.backfillSeconds,
    backfillPage: settings.events.backfillPage,
    liveEnabled: settings.events.streamOutEnabled,
    nowUs: () => usFromMs(Date.now()),
    validateFilter: compile(EventFilter, { unknownFields }),
  }
  const logsOut = {
    hub,
    metrics,
    enabled: settings.logs.streamOutEnabled,
    validateFilter: compile(LogFilter, { unknownFields }),
  }
  const rows: EndpointRow[] = [
    { name: 'events-in', match: /^\/events\/in\/?$/, create: (connection) => new EventsIn(connection, eventsIn) },
    { name: 'events-out', match: /^\/events\/out\/?$/, create: (connection) => new EventsOut(connection, eventsOut) },
    { name: 'logs-out', match: /^\/logs\/out\/?$/, create: (connection) => new LogsOut(connection, logsOut) },
    {
      name: 'task-subscriptions',
      match: /^\/task_runs\/subscriptions\/scheduled\/?$/,
      create: (connection) => new TaskSubscription(connection, { hub, store, log, taskWorkers }),
    },
    {
      name: 'worker-channel',
      match: /^\/work_pools\/([^/]+)\/workers\/connect\/?$/,
      handshakeFailure: 'authentication_failed',
      create: (connection, [pool]) => new WorkerChannel(connection, { hub, store, log, poolName: pool ?? '' }),
    },
  ]
  const upgrades = new UpgradeHandler(context, hostRules, rows)
  return {
    intake,
    taskWorkers,
    hasLogSubscribers: () => hub.subscribers.logs > 0,
    upgrade: (request, socket, head) => upgrades.upgrade(request, socket, head),
    async close() {
      intake.close()
      await upgrades.close()
    },
  }
}
