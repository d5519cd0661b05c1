import { StartupError } from './errors.ts'

/**
 * Every bound of the server in one place. Each has a counter in the metrics (`spillway_limit_reached_total{limit}`), a row in
 * docs/limits.md and a test that reaches it. Times in milliseconds, sizes in bytes, unless the name says otherwise.
 */
export const defaultLimits = {
  // HTTP, see the fault catalogue C.
  headerBytes: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  /** How often late heads and bodies are looked for. */
  connectionsCheckEveryMs: 1_000,
  /** An idle connection stays open for at least this long, whatever the setting says: longer than the stock client's 25 s. */
  keepAliveLeastMs: 30_000,
  bodyBytes: 8 * 1024 * 1024,
  /** Of a batch of logs or events. */
  logBodyBytes: 64 * 1024 * 1024,
  /** Of all requests together that are being read or worked on. */
  bodiesBytes: 256 * 1024 * 1024,
  /** Connections that the kernel holds until this process takes them. */
  backlog: 4_096,
  connections: 20_000,
  /** Of one address. As many as of all: behind a proxy every client has the proxy's address. */
  connectionsPerAddress: 20_000,
  /** Of the descriptors that the system allows (`ulimit -n`), never given to connections; a tenth if that is more. */
  reservedDescriptors: 64,
  jsonDepth: 128,
  /** An answer of which no byte leaves for this long is dropped with its connection. */
  responseStallMs: 30_000,
  /** Of all answers together that their peers have not taken yet. */
  answersBytes: 128 * 1024 * 1024,
  /** Answers of which less than this is left need no watching: they go with the connection's own time-outs. */
  socketBufferBytes: 65_536,
  pathParamBytes: 1_024,

  // Requests let in at once, by the lane of the store that they need.
  writerRequests: 128,
  pointRequests: 64,
  scanRequests: 32,
  /** Requests that wait for one lane. */
  requestsWaiting: 4_096,
  requestWaitMs: 10_000,
  /** When the oldest waiting state change is older than this (reads three quarters, events half, logs a quarter of it), new ones are refused. */
  queueAgeMs: 2_000,
  /** How long that must hold. */
  queueAgeForMs: 200,
  /** What requests, or one emitter of events, may take of one turn of the event loop before the sockets are looked at again. */
  turnMs: 2,

  // The store: operations waiting and running, by class.
  stateQueue: 4_096,
  readQueue: 2_048,
  eventQueue: 2_048,
  logQueue: 1_024,
  /** One commit takes in at most this many commands, for at most `groupMs`. */
  groupCommands: 256,
  groupMs: 25,
  /** How long the writer waits for another process that holds the file. */
  busyTimeoutMs: 10_000,
  readTimeoutMs: 20_000,
  /** How often readers are looked at that may be over `readTimeoutMs`. */
  readersCheckEveryMs: 1_000,
  /** Readers that may be stuck in a statement at once, each on a core of its own, before a lane waits for its stuck one. */
  stuckReaders: 2,
  /** The wait before an ended writer is started again; it doubles with each further end within a minute. */
  writerRestartMs: 50,
  writerRestartLongestMs: 10_000,
  /** Prepared statements kept by each thread. */
  statementCache: 512,
  /** What the write-ahead log is cut back to. */
  walBytes: 64 * 1024 * 1024,

  // Websockets, see the fault catalogue §0.
  websocketMessageBytes: 2 * 1024 * 1024,
  websocketOutboundBytes: 1_000_000,
  websocketConnections: 10_000,
  authTimeoutMs: 10_000,
  filterTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  /** A message that has begun has to be whole after this. */
  messageTimeoutMs: 10_000,
  messageFragments: 256,
  /** Parts of frames that are kept until they are whole. */
  messageChunks: 4_096,
  /** Pings and pongs of one peer. */
  controlFramesPerSecond: 1_000,
  /** The same in one turn of the event loop: whoever waits for answers has one or two under way. */
  controlFramesAtOnce: 128,
  /** Values in the filter of one subscription. */
  filterValues: 1_000,
  /** Different filters that have no name, prefix or id to be found by: each is tested against every event. */
  unindexedFilters: 200,
  /** Websockets that are taken in one turn of the event loop; others come in the next ones. */
  upgradesPerTurn: 32,
  /** The same of connections that the server ends. */
  endingsPerTurn: 64,
  /** Peers that have not proved who they are; beyond, the oldest silent ones go. */
  unauthenticatedConnections: 2_000,
  /** A silent peer may stay so long, however many there are. */
  unauthenticatedGraceMs: 1_000,
  /** Peers that were let in and are not served yet. */
  admissionConcurrent: 256,
  admissionsPerSecond: 5_000,
  /** A peer that was let in and asks for nothing keeps its place among them so long. */
  admissionHoldMs: 500,
  /** Refused peers are told after a while, so that they do not come back at once; so many may wait for that. */
  lingeringRefusals: 1_000,
  refusalDelayMs: 2_000,
  /** How often deadlines of connections are looked at. */
  sweepEveryMs: 250,
  /** Beyond this, a subscription is fed from the store as room appears. */
  subscriberSoftBytes: 256 * 1024,
  /** Beyond this, a peer that cannot be fed from the store is cut off. */
  subscriberQueueBytes: 1024 * 1024,
  subscriberQueueFrames: 4_096,
  /** Bytes handed to a peer's socket that it has not proved to have read. */
  unconfirmedBytes: 1024 * 1024,
  /** The same for all peers together; beyond, each gets no more than two pings' worth ahead of its answers. It is the kernel's memory. */
  streamsUnconfirmedBytes: 256 * 1024 * 1024,
  /** A ping goes out behind so many bytes. */
  pingEveryBytes: 128 * 1024,
  /** Bytes that wait for all peers together; beyond, the peer with the most is cut off. */
  streamsQueueBytes: 256 * 1024 * 1024,
  /** Events and log lines that wait to be fanned out; beyond, subscriptions are fed from the store. */
  hubItems: 20_000,
  hubBytes: 64 * 1024 * 1024,
  /** One slice of a fan-out. */
  fanOutSliceMs: 4,
  fanOutSliceFrames: 500,
  fanOutSliceBytes: 4 * 1024 * 1024,
  /** Items that one member gets before the next one gets any, and about as many bytes. */
  fanOutBatchItems: 64,
  fanOutBatchBytes: 64 * 1024,
  /** The newest items, kept for subscriptions that fall a little behind. */
  recentItems: 4_096,
  recentBytes: 8 * 1024 * 1024,
  /** Pages of subscriptions that are read from the store at once. */
  streamReads: 16,
  replayPageItems: 250,
  replayPageBytes: 128 * 1024,
  /** Rows that one page of a replay looks at. */
  replayScanRows: 5_000,
  /** Streams over plain HTTP (server-sent events). */
  sseConnections: 1_000,
  /** Unconfirmed bytes that one emitter may have waiting for the store before its socket is no longer read. */
  ingestBytes: 4 * 1024 * 1024,
  /** The same in events. */
  ingestEvents: 2_000,
  /** Events of one command. */
  ingestBatchEvents: 400,
  /** Bytes of events of all senders that wait for the store. */
  intakeBytes: 64 * 1024 * 1024,
  /** The same in events. */
  intakeEvents: 100_000,

  // Polls by workers and runners, noted after they were answered.
  /** How often the same poll is noted when it only says that somebody is still there. */
  pollNoteEveryMs: 5_000,
  /** The same, when something polled is not yet READY. */
  pollNewsEveryMs: 200,
  /** Pollers that are remembered. */
  pollers: 10_000,
  /** Notes that may be under way at once. */
  pollNotes: 32,

  /** Waiting runs of deployments with `catchUp` or `maxLate` that one round looks at. */
  catchUpRuns: 1_000,

  /**
   * After a start: how long a background task that was handed out before and not acknowledged may still show up as begun, before it
   * is handed out again.
   */
  taskDoubtMs: 10_000,

  // Questions.
  eventBuckets: 1_000,
  /** Rows that an event filter may look at one by one. */
  eventScanRows: 200_000,

  // Shutdown.
  /** Streams are told to come back one after another, over this time at most. */
  drainSpreadMs: 3_000,
  drainMs: 8_000,
} as const

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number }

/** These pace work and refuse nothing, or are reached when nobody reads counters any more: they have none. */
export const uncountedLimits: ReadonlySet<keyof Limits> = new Set([
  'connectionsCheckEveryMs',
  'keepAliveLeastMs',
  'readersCheckEveryMs',
  'writerRestartMs',
  'pollNoteEveryMs',
  'pollNewsEveryMs',
  'backlog',
  'reservedDescriptors',
  'socketBufferBytes',
  'writerRequests',
  'pointRequests',
  'scanRequests',
  'queueAgeForMs',
  'turnMs',
  'groupMs',
  'statementCache',
  'walBytes',
  'ingestBatchEvents',
  'messageChunks',
  'upgradesPerTurn',
  'endingsPerTurn',
  'unauthenticatedGraceMs',
  'admissionConcurrent',
  'admissionsPerSecond',
  'admissionHoldMs',
  'refusalDelayMs',
  'sweepEveryMs',
  'subscriberSoftBytes',
  'unconfirmedBytes',
  'streamsUnconfirmedBytes',
  'pingEveryBytes',
  'fanOutSliceMs',
  'fanOutSliceFrames',
  'fanOutSliceBytes',
  'fanOutBatchItems',
  'fanOutBatchBytes',
  'recentItems',
  'recentBytes',
  'streamReads',
  'replayPageItems',
  'replayPageBytes',
  'replayScanRows',
  'drainSpreadMs',
  'drainMs',
] as const)

/**
 * The bounds as the operator wants them: `SPILLWAY_LIMITS` holds pairs such as `websocketConnections=20000,closeTimeoutMs=2000`;
 * what it does not name keeps its default.
 *
 * @param env The environment; nothing else is read.
 * @throws {StartupError} naming the pair that does not fit.
 */
export function readLimits(env: Readonly<Record<string, string | undefined>>): Limits {
  const limits: { -readonly [Name in keyof Limits]: number } = { ...defaultLimits }
  for (const pair of (env['SPILLWAY_LIMITS'] ?? '').split(',').map((part) => part.trim()).filter(Boolean)) {
    const [, name = '', digits = ''] = /^(\w+)\s*=\s*(\d+)$/.exec(pair) ?? []
    const value = Number(digits)
    if (!Object.hasOwn(defaultLimits, name) || !Number.isSafeInteger(value) || value < 1) {
      throw new StartupError(
        `SPILLWAY_LIMITS: '${pair}' is not a bound and a whole number of at least 1.`,
        'Write SPILLWAY_LIMITS as name=value, separated by commas; docs/limits.md lists the names.',
      )
    }
    limits[name as keyof Limits] = value
  }
  return limits
}
