import { Counter, Gauge, Histogram, type Cell, type MetricRegistry } from './metric-registry.ts'

/** What one connection adds to on every frame: cells, so that a frame costs no look-up. */
export interface FrameCells {
  frames: Cell
  bytes: Cell
}

/** What all streams add up to right now. */
export interface StreamTotals {
  queuedBytes: number
  /** Handed to sockets, and not proved to have been read. */
  unconfirmedBytes: number
  admissionWaiting: number
  hubItems: number
}

/** The figures of the stream layer. `limitReached` is the counter of all bounds, see metrics.ts. */
export function createStreamMetrics(registry: MetricRegistry, limitReached: Counter) {
  const totals: StreamTotals = { queuedBytes: 0, unconfirmedBytes: 0, admissionWaiting: 0, hubItems: 0 }
  const frames = new Counter(registry, { name: 'spillway_stream_frames_total', help: 'Frames handed to sockets', labelNames: ['endpoint'] })
  const bytes = new Counter(registry, { name: 'spillway_stream_bytes_total', help: 'Bytes of those frames', labelNames: ['endpoint'] })
  const cells = new Map<string, FrameCells>()
  const total = (name: string, help: string, collect: () => number): Gauge => new Gauge(registry, { name, help, collect })
  total('spillway_stream_queue_bytes', 'Bytes that wait in this process for peers', () => totals.queuedBytes)
  total('spillway_stream_unconfirmed_bytes', 'Bytes handed to sockets that peers have not proved to have read', () => totals.unconfirmedBytes)
  total('spillway_admission_waiting', 'Peers that have proved who they are and wait for auth_success', () => totals.admissionWaiting)
  total('spillway_hub_items', 'Events and log lines that wait to be fanned out', () => totals.hubItems)
  return {
    limitReached,
    totals,
    /** The cells of an endpoint's frames; the same object for all its connections. */
    frameCells(endpoint: string): FrameCells {
      let found = cells.get(endpoint)
      if (!found) cells.set(endpoint, (found = { frames: frames.cell({ endpoint }), bytes: bytes.cell({ endpoint }) }))
      return found
    },
    sockets: new Gauge(registry, {
      name: 'spillway_websockets_open',
      help: 'Open websockets by endpoint and state',
      labelNames: ['endpoint', 'state'],
    }),
    handshakes: new Counter(registry, {
      name: 'spillway_websocket_handshakes_total',
      help: 'Websocket handshakes by endpoint and outcome',
      labelNames: ['endpoint', 'outcome'],
    }),
    handshakeSeconds: new Histogram(registry, {
      name: 'spillway_websocket_handshake_seconds',
      help: 'Time from the 101 to auth_success',
      labelNames: ['endpoint'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    }),
    closes: new Counter(registry, {
      name: 'spillway_websocket_closes_total',
      help: 'Closed websockets by endpoint and reason',
      labelNames: ['endpoint', 'reason'],
    }),
    delivered: new Counter(registry, {
      name: 'spillway_events_delivered_total',
      help: 'Events and log lines queued for subscribers',
      labelNames: ['endpoint'],
    }),
    subscriptions: new Gauge(registry, {
      name: 'spillway_stream_subscriptions',
      help: 'Subscriptions by endpoint and by what feeds them: the hub (live) or the store (backfill, replay)',
      labelNames: ['endpoint', 'mode'],
    }),
    replayPages: new Counter(registry, {
      name: 'spillway_stream_replay_pages_total',
      help: 'Pages that subscriptions read from the store or from the recent items',
      labelNames: ['endpoint', 'from'],
    }),
    dropped: new Counter(registry, {
      name: 'spillway_stream_dropped_total',
      help: 'What could not be given to a subscription any more',
      labelNames: ['endpoint', 'reason'],
    }),
    resyncs: new Counter(registry, {
      name: 'spillway_stream_resyncs_total',
      help: 'How often all subscriptions were sent to the store for what the hub had missed',
      labelNames: ['reason'],
    }),
    sendAfterClose: new Counter(registry, {
      name: 'spillway_stream_send_after_close_total',
      help: 'Frames for peers that had begun to end; they are dropped',
    }),
  }
}

export type StreamMetrics = ReturnType<typeof createStreamMetrics>
