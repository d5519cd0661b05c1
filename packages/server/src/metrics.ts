import { monitorEventLoopDelay } from 'node:perf_hooks'
import { defaultLimits, uncountedLimits, type Limits } from './limits.ts'
import { Counter, Gauge, Histogram, MetricRegistry } from './metric-registry.ts'
import { createStreamMetrics } from './stream-metrics.ts'

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** All counters of the server. A bound that is reached counts in `limitReached` under the bound's name in limits.ts. */
export function createMetrics() {
  const registry = new MetricRegistry()
  const startedSeconds = Date.now() / 1000 - process.uptime()
  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  new Gauge(registry, {
    name: 'spillway_event_loop_delay_p99_seconds',
    help: 'Delay of the connection thread since the last scrape, 99th percentile',
    collect() {
      const seconds = loop.percentile(99) / 1e9
      loop.reset()
      return Number.isFinite(seconds) ? seconds : 0
    },
  })
  const processGauge = (name: string, help: string, collect: () => number): Gauge => new Gauge(registry, { name, help, collect })
  processGauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss())
  processGauge('nodejs_heap_size_used_bytes', 'Heap in use on the connection thread', () => process.memoryUsage().heapUsed)
  processGauge('process_cpu_seconds_total', 'User and system time of all threads', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  processGauge('process_start_time_seconds', 'Start of the process, unix time', () => startedSeconds)
  const limitReached = new Counter(registry, {
    name: 'spillway_limit_reached_total',
    help: 'How often a bound of limits.ts was reached',
    labelNames: ['limit'],
  })
  // All of them from the start: an alert on a series that does not exist yet stays silent.
  for (const limit of Object.keys(defaultLimits) as (keyof Limits)[]) if (!uncountedLimits.has(limit)) limitReached.inc({ limit }, 0)
  limitReached.inc({ limit: 'websocketPingTimeout' }, 0)
  return {
    registry,
    requestDuration: new Histogram(registry, {
      name: 'prefect_server_api_request_duration_seconds',
      help: 'Time from the request head to the answer, by route',
      labelNames: ['method', 'route', 'status'],
      buckets: requestBuckets,
    }),
    requestsUnderWay: new Gauge(registry, { name: 'spillway_http_requests_under_way', help: 'Requests being answered' }),
    strayErrors: new Counter(registry, {
      name: 'spillway_stray_errors_total',
      help: 'Errors that nothing caught, by the way they came',
      labelNames: ['origin'],
    }),
    logLinesLost: new Counter(registry, {
      name: 'spillway_log_lines_lost_total',
      help: 'Log lines that were not written: repeated within a second, nobody reads (full), or the write failed',
      labelNames: ['reason'],
    }),
    requestsShed: new Counter(registry, {
      name: 'spillway_http_requests_shed_total',
      help: 'Requests refused before any work, by class and by the bound that was reached (drain: the server was going)',
      labelNames: ['class', 'limit'],
    }),
    requestsWaiting: new Gauge(registry, {
      name: 'spillway_http_requests_waiting',
      help: 'Requests that wait to be let in, by class',
      labelNames: ['class'],
    }),
    limitReached,
    malformedRequests: new Counter(registry, {
      name: 'spillway_malformed_requests_total',
      help: 'Requests that were no HTTP and were answered 400',
    }),
    unknownFields: new Counter(registry, {
      name: 'spillway_unknown_request_fields_total',
      help: 'Request fields that this version does not know and ignored',
      labelNames: ['route'],
    }),
    storeOperations: new Histogram(registry, {
      name: 'spillway_store_operation_seconds',
      help: 'Time of a store operation as the connection thread sees it, waiting included',
      labelNames: ['kind', 'name', 'outcome'],
      buckets: requestBuckets,
    }),
    storeQueue: new Gauge(registry, {
      name: 'spillway_store_operations_under_way',
      help: 'Operations waiting or running in the store, by class',
      labelNames: ['class'],
    }),
    storeCommitSeconds: new Histogram(registry, {
      name: 'spillway_store_commit_seconds',
      help: 'Time of the COMMIT of a group',
      buckets: requestBuckets,
    }),
    storeGroupCommands: new Histogram(registry, {
      name: 'spillway_store_group_commands',
      help: 'Commands that shared one commit',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    }),
    storeReaderRestarts: new Counter(registry, {
      name: 'spillway_store_reader_restarts_total',
      help: 'Reader threads replaced because a query ran too long',
      labelNames: ['lane'],
    }),
    streams: createStreamMetrics(registry, limitReached),
    eventsReceived: new Counter(registry, {
      name: 'spillway_events_received_total',
      help: 'Events taken in, by way and outcome',
      labelNames: ['way', 'outcome'],
    }),
    runsSkipped: new Counter(registry, {
      name: 'spillway_flow_runs_skipped_total',
      help: 'Late runs of schedules that were not started, as the catch-up of their deployments says',
    }),
    serviceRuns: new Histogram(registry, {
      name: 'spillway_service_seconds',
      help: 'Time of one loop of a background service',
      labelNames: ['service', 'outcome'],
      buckets: requestBuckets,
    }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
