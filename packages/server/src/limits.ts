/**
 * Every bound of the server in one place. Each has a counter in the metrics (`spillway_limit_reached_total{limit}`) and a test
 * that reaches it. Times in milliseconds, sizes in bytes, unless the name says otherwise.
 */
export const defaultLimits = {
  // HTTP, see the fault catalogue C.
  headerBytes: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  connectionsCheckEveryMs: 1_000,
  keepAliveTimeoutMs: 75_000,
  bodyBytes: 8 * 1024 * 1024,
  logBodyBytes: 64 * 1024 * 1024,
  backlog: 4_096,
  connections: 20_000,
  jsonDepth: 128,
  /** An answer of which no byte leaves for this long is dropped with its connection. */
  responseStallMs: 30_000,
  /** Answers of which less than this is left need no watching: they go with the connection's own time-outs. */
  socketBufferBytes: 65_536,
  pathParamBytes: 1_024,

  // Store queues, counted in waiting operations and their rough bytes.
  stateQueue: 4_096,
  readQueue: 2_048,
  eventQueue: 2_048,
  logQueue: 1_024,
  queueBytes: 256 * 1024 * 1024,
  queueAgeMs: 20_000,
  groupCommands: 256,
  groupMs: 25,
  busyTimeoutMs: 10_000,
  readTimeoutMs: 20_000,
  statementCache: 512,
  walBytes: 64 * 1024 * 1024,

  // Websockets, see the fault catalogue §0.
  websocketMessageBytes: 2 * 1024 * 1024,
  websocketOutboundBytes: 1_000_000,
  websocketConnections: 10_000,
  authTimeoutMs: 10_000,
  filterTimeoutMs: 10_000,
  pingEveryMs: 20_000,
  pingAnswerMs: 20_000,
  closeTimeoutMs: 5_000,
  subscriberQueueBytes: 1024 * 1024,
  subscriberQueueFrames: 4_096,
  /** Unconfirmed bytes that one emitter may have waiting for the store before its socket is no longer read. */
  ingestBytes: 4 * 1024 * 1024,
  ingestEvents: 2_000,
  ingestBatchEvents: 200,
  backfillPage: 250,

  // Pages.
  apiPage: 200,
  eventPage: 50,
  bulkItems: 50,
  bulkFlowRuns: 100,
  historyBuckets: 500,
  eventBuckets: 1_000,
  eventScanRows: 200_000,

  // Shutdown.
  drainMs: 8_000,
  exitMs: 10_000,
} as const

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number }
