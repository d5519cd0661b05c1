import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** All counters of the server. A bound that is reached counts in `limitReached` under the bound's name in limits.ts. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  new Gauge({
    name: 'spillway_event_loop_delay_p99_seconds',
    help: 'Delay of the connection thread since the last scrape, 99th percentile',
    registers,
    collect() {
      this.set(loop.percentile(99) / 1e9)
      loop.reset()
    },
  })
  return {
    registry,
    requestDuration: new Histogram({
      name: 'prefect_server_api_request_duration_seconds',
      help: 'Time from the request head to the answer, by route',
      labelNames: ['method', 'route', 'status'],
      buckets: requestBuckets,
      registers,
    }),
    requestsUnderWay: new Gauge({ name: 'spillway_http_requests_under_way', help: 'Requests being answered', registers }),
    limitReached: new Counter({
      name: 'spillway_limit_reached_total',
      help: 'How often a bound of limits.ts was reached',
      labelNames: ['limit'],
      registers,
    }),
    unknownFields: new Counter({
      name: 'spillway_unknown_request_fields_total',
      help: 'Request fields that this version does not know and ignored',
      labelNames: ['route'],
      registers,
    }),
    storeOperations: new Histogram({
      name: 'spillway_store_operation_seconds',
      help: 'Time of a store operation as the connection thread sees it, waiting included',
      labelNames: ['kind', 'name', 'outcome'],
      buckets: requestBuckets,
      registers,
    }),
    storeQueue: new Gauge({
      name: 'spillway_store_operations_under_way',
      help: 'Operations waiting or running in the store, by class',
      labelNames: ['class'],
      registers,
    }),
    storeCommitSeconds: new Histogram({
      name: 'spillway_store_commit_seconds',
      help: 'Time of the COMMIT of a group',
      buckets: requestBuckets,
      registers,
    }),
    storeGroupCommands: new Histogram({
      name: 'spillway_store_group_commands',
      help: 'Commands that shared one commit',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    storeReaderRestarts: new Counter({
      name: 'spillway_store_reader_restarts_total',
      help: 'Reader threads replaced because a query ran too long',
      labelNames: ['lane'],
      registers,
    }),
    sockets: new Gauge({
      name: 'spillway_websockets_open',
      help: 'Open websockets by endpoint and state',
      labelNames: ['endpoint', 'state'],
      registers,
    }),
    socketHandshakes: new Counter({
      name: 'spillway_websocket_handshakes_total',
      help: 'Websocket handshakes by endpoint and outcome',
      labelNames: ['endpoint', 'outcome'],
      registers,
    }),
    socketCloses: new Counter({
      name: 'spillway_websocket_closes_total',
      help: 'Closed websockets by endpoint and reason',
      labelNames: ['endpoint', 'reason'],
      registers,
    }),
    eventsReceived: new Counter({
      name: 'spillway_events_received_total',
      help: 'Events taken in, by way and outcome',
      labelNames: ['way', 'outcome'],
      registers,
    }),
    eventsDelivered: new Counter({ name: 'spillway_events_delivered_total', help: 'Frames offered to subscribers', labelNames: ['endpoint'], registers }),
    serviceRuns: new Histogram({
      name: 'spillway_service_seconds',
      help: 'Time of one loop of a background service',
      labelNames: ['service', 'outcome'],
      buckets: requestBuckets,
      registers,
    }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
