import { monitorEventLoopDelay } from 'node:perf_hooks'
import { streamCounts } from '../events/stream-socket.ts'
import type { Remote, Session } from '../session.ts'
import { VERSION } from '../version.ts'
import { metricsContentType, metricsText, type Metric, type Sample } from './metric-text.ts'

/** Runs that this process is there for, as who starts them has counted. */
export interface CountedRuns {
  readonly kind: 'flow-run' | 'task-run'
  readonly running: number
  readonly started: number
  /** By the type of their last state, such as `COMPLETED`. */
  readonly ended: ReadonlyMap<string, number>
}

/** Numbers of this process for Prometheus. */
export interface ClientMetrics {
  readonly contentType: string
  text(): string
  close(): void
}

const LOOP_RESOLUTION_MS = 10

/**
 * Metrics of a process that serves: its calls, events, logs, streams, leases and runs. Runs in processes of their own make their calls
 * themselves, but their events, logs and leases go through this one and are counted here.
 */
export function clientMetrics({ remote }: Session, health: { readonly secondsSincePoll: number }, runs: () => CountedRuns | undefined): ClientMetrics {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()
  const metrics: Metric[] = [
    { name: 'spillway_client_info', type: 'gauge', help: 'Always 1; the label has the version of the SDK', read: () => [[{ version: VERSION }, 1]] },
    { name: 'spillway_client_seconds_since_poll', type: 'gauge', help: 'Since the server has last answered the question for runs', read: () => health.secondsSincePoll },
    ...(remote ? remoteMetrics(remote) : []),
    ...runMetrics(runs),
    { name: 'spillway_client_event_loop_delay_p99_seconds', type: 'gauge', help: 'Delay of the event loop since the last scrape, 99th percentile', read: () => secondsOf(loop.percentile(99)) },
    { name: 'spillway_client_event_loop_delay_max_seconds', type: 'gauge', help: 'Longest delay of the event loop since the last scrape', read: () => secondsOf(loop.max) },
  ]
  return {
    contentType: metricsContentType,
    text: () => {
      const text = metricsText(metrics)
      loop.reset()
      return text
    },
    close: () => loop.disable(),
  }
}

function remoteMetrics({ client, events, logs, leases }: Remote): Metric[] {
  const { retries: _, ...outcomes } = client.counts
  return [
    { name: 'spillway_client_calls_total', type: 'counter', help: 'Calls of the API that have ended, by how', read: () => by('outcome', Object.keys(outcomes), (name) => client.counts[name as keyof typeof outcomes]) },
    { name: 'spillway_client_retries_total', type: 'counter', help: 'Tries of calls after the first', read: () => client.counts.retries },
    { name: 'spillway_client_requests_open', type: 'gauge', help: 'Requests under way', read: () => client.load.running },
    { name: 'spillway_client_requests_waiting', type: 'gauge', help: 'Requests that wait for one under way to end', read: () => client.load.waiting },
    { name: 'spillway_client_clock_skew_seconds', type: 'gauge', help: 'How far the clock of the server is ahead, by its last answer', read: () => client.skewMs / 1000 },
    { name: 'spillway_client_events_emitted_total', type: 'counter', help: 'Events of this process and its runs', read: () => events.counts.emitted },
    { name: 'spillway_client_events_confirmed_total', type: 'counter', help: 'Events that the server has', read: () => events.counts.confirmed },
    { name: 'spillway_client_events_shed_total', type: 'counter', help: 'Events given up because too many waited', read: () => events.counts.shed },
    { name: 'spillway_client_events_spilled_total', type: 'counter', help: 'States of runs that went to a file because memory was full', read: () => events.counts.spilled },
    { name: 'spillway_client_events_waiting', type: 'gauge', help: 'Events that the server has not confirmed', read: () => [[{ place: 'memory' }, events.counts.inMemory], [{ place: 'file' }, events.counts.inFile]] },
    { name: 'spillway_client_events_http_fallbacks_total', type: 'counter', help: 'How often events have gone over to HTTP because the stream was blocked', read: () => events.counts.fallbacks },
    { name: 'spillway_client_events_over_http', type: 'gauge', help: '1 while events go by HTTP', read: () => Number(events.mode === 'http') },
    { name: 'spillway_client_streams_opened_total', type: 'counter', help: 'Websockets that were opened', read: () => ofStreams('opened') },
    { name: 'spillway_client_streams_failed_total', type: 'counter', help: 'Websockets that could not be opened', read: () => ofStreams('failed') },
    { name: 'spillway_client_streams_closed_total', type: 'counter', help: 'Websockets that were open and have ended', read: () => ofStreams('closed') },
    { name: 'spillway_client_logs_sent_total', type: 'counter', help: 'Log records that the server has', read: () => logs.counts.sent },
    { name: 'spillway_client_logs_dropped_total', type: 'counter', help: 'Log records given up', read: () => logs.counts.dropped },
    { name: 'spillway_client_logs_waiting', type: 'gauge', help: 'Log records that wait to be sent', read: () => logs.pending },
    { name: 'spillway_client_leases_held', type: 'gauge', help: 'Leases on concurrency limits that are renewed', read: () => leases.counts.held },
    { name: 'spillway_client_lease_renewals_total', type: 'counter', help: 'Leases renewed', read: () => leases.counts.renewed },
    { name: 'spillway_client_leases_lost_total', type: 'counter', help: 'Leases that could not be renewed in time', read: () => leases.counts.lost },
  ]
}

function runMetrics(runs: () => CountedRuns | undefined): Metric[] {
  /** One sample for what serves; none while it is still being prepared. */
  const one = (value: (counted: CountedRuns) => number): Sample[] => {
    const counted = runs()
    return counted ? [[{ kind: counted.kind }, value(counted)]] : []
  }
  const ended = (): Sample[] => {
    const { kind = '', ended: counts = new Map<string, number>() } = runs() ?? {}
    return [...counts].map(([type, count]) => [{ kind, state: type.toLowerCase() }, count])
  }
  return [
    { name: 'spillway_client_runs_open', type: 'gauge', help: 'Runs under way', read: () => one(({ running }) => running) },
    { name: 'spillway_client_runs_started_total', type: 'counter', help: 'Runs that were started', read: () => one(({ started }) => started) },
    { name: 'spillway_client_runs_ended_total', type: 'counter', help: 'Runs that have ended, by the type of their last state', read: ended },
  ]
}

function by(label: string, names: readonly string[], value: (name: string) => number): Sample[] {
  return names.map((name) => [{ [label]: name }, value(name)])
}

function ofStreams(what: 'opened' | 'failed' | 'closed'): Sample[] {
  return [...streamCounts].map(([path, counts]) => [{ path }, counts[what]])
}

/** Each sample of Node's has the pause between two samples in it, which is no delay; before the first it is none either. */
function secondsOf(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - LOOP_RESOLUTION_MS / 1000) : 0
}
