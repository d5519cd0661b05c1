import { availableParallelism } from 'node:os'

const table = {
  // Calls of the API.
  /** Requests of one process that are in flight: servers answer few at a time faster than many. */
  requestsRunning: 16,
  /** Calls that wait behind them; more are refused at once, so that they do not all time out together. */
  requestsWaiting: 1000,
  connectTimeoutMs: 5000,
  /** Shorter than any server or proxy keeps an idle connection (5 s or more), so that no request meets a closing one. */
  idleConnectionMs: 4000,
  /** Longer than a try may take: it guards streams alone. */
  answerHeadTimeoutMs: 60_000,
  /** Between two parts of an answer; streams have a comment every 15 s. */
  answerBodyTimeoutMs: 30_000,
  /** After so long without an answer to a ping an HTTP/2 session is dead. */
  http2PingMs: 10_000,
  /** One try, and all tries of a call, where the call does not say otherwise. */
  tryTimeoutMs: 30_000,
  callTimeoutMs: 60_000,
  attempts: 6,
  /** Bound of the first delay between two tries, which doubles, and of all. */
  retryFirstMs: 500,
  retryLongestMs: 30_000,
  /** Share of all requests that may be repetitions: when everything fails, a client must not multiply its load. */
  retryShare: 0.2,
  /** Repetitions that are allowed before any request was made, and that may be saved up. */
  retriesAtFirst: 10,
  retriesSaved: 100,
  /** A CSRF token is not used in its last moments. */
  csrfMarginMs: 10_000,
  /** A server whose clock differs by more is told of. */
  clockSkewMs: 5000,

  // Event streams, in and out.
  /** Upgrade and authentication together, each. */
  handshakeTimeoutMs: 10_000,
  /** One that is not answered before the next is due ends the stream. */
  streamPingMs: 20_000,
  /** Far above what a server sends (1 MB), for those that allow more. */
  streamMessageBytes: 16 * 1024 * 1024,
  /** Delays between attempts to connect: at least, and the bound that doubling ends at. */
  reconnectFirstMs: 500,
  reconnectLongestMs: 30_000,
  /** A connection that held for so long was good: the next trouble begins from the start. */
  reconnectStableMs: 60_000,
  /** A stream that is refused for good is dialled so often. */
  blockedStreamMs: 60_000,
  /** How long the stream that tells of runs outlives the last wait: whoever waits for one run after the other would dial for each. */
  streamLingerMs: 5_000,

  // Events on their way to the server.
  /** In memory. States of runs go to a file beyond it, others are shed. */
  outboxEvents: 10_000,
  outboxBytes: 32 * 1024 * 1024,
  /** In the file; beyond, whoever makes a state waits. */
  spillBytes: 512 * 1024 * 1024,
  /** Read back from the file at a time. */
  refillEvents: 500,
  spillReadBytes: 64 * 1024,
  /** Unconfirmed events after which a confirmation is asked for at once, as stock clients do it. */
  confirmEvents: 700,
  /** Otherwise soon after an event went out; one ping confirms all before it. */
  confirmAfterMs: 50,
  idlePingMs: 20_000,
  /** A connection whose ping is not answered for so long is given up. */
  pongTimeoutMs: 20_000,
  /** Events handed to the socket in one turn, and bytes at which to wait until it has written some. */
  sendEvents: 200,
  socketBufferedBytes: 1024 * 1024,
  /** Events and bytes of one request by HTTP. */
  postEvents: 200,
  postBytes: 2_000_000,
  /** How often it is seen whether the socket works again. */
  socketAgainMs: 60_000,
  /** Failed openings in a row after which HTTP is tried beside. */
  failuresBeforeHttp: 3,
  shedWarnEveryMs: 60_000,
  /** How long events that cannot be sent keep a process alive that has nothing else to do. */
  holdProcessMs: 60_000,
  /** How exact that is: to wind a timer up for each event costs as much as to send it. */
  holdAgainMs: 1000,
  /** How long the end of a program, and of the process of a run, waits for what is still to be sent. */
  flushMs: 10_000,
  runFlushMs: 30_000,

  // Log records on their way to the server.
  logFlushAfterMs: 2000,
  logBatchBytes: 4_000_000,
  logBatchRecords: 1000,
  /** Longer messages are cut, never dropped. */
  logMessageChars: 250_000,
  /** Beyond, debug records are dropped, then the oldest. */
  logBufferBytes: 16 * 1024 * 1024,

  // What a run has handed to its runner.
  /** Copies of log records that are kept until the server has them: enough for a runner that dies, little in an outage. */
  linkedLogRecords: 10_000,
  /** Events that the runner has not confirmed; more wait in the run's process, so that many runs cannot flood the runner. */
  linkedEvents: 2000,

  // Subscriptions.
  /** Messages that wait for the loop, and their bytes; above either the socket is not read. What came with the last one, up to 64 KiB, is on top. */
  subscriptionMessages: 256,
  subscriptionBytes: 4 * 1024 * 1024,
  /** An end so soon after a pause of at least so long is taken for its consequence: what the kernel held is read at once. */
  heldUpMs: 1000,
  heldUpEndMs: 5000,
  /** Further back than this a stream does not reach; what is older is read in pages. */
  streamReachMs: 10 * 60_000,
  /** What a stream without cursors is asked for again, and ids by which its repetitions are known. */
  streamOverlapUs: 60_000_000,
  seenEvents: 20_000,

  // Flows and tasks.
  /** Runs of a map that are under way, where `window` does not say otherwise. */
  mapWindow: 100,
  /** How deep arrays and plain objects are searched for futures, as in stock clients. */
  argumentDepth: 5,
  /** How deep results may be nested; a circle ends here. */
  resultDepth: 200,
  /** Longer messages of states lose their middle, as in stock clients. */
  stateMessageChars: 100_000,
  /** Further apart than this, two events are not tied to each other. */
  followsWithinUs: 5 * 60 * 1_000_000,
  /** Causes of an error that a log shows, which may lead in a circle, and errors in one. */
  errorCauses: 8,
  errorsShown: 5,
  /** Shorter texts of secrets are not masked: they would mask half of every log. */
  maskedTextChars: 6,
  /** Texts of secrets that are remembered; of more the oldest are let go. */
  maskedTexts: 10_000,
  /** How long a task, a flow and a hook have to stop once their signal has aborted. */
  taskAbortGraceMs: 2000,
  /** Tasks that compute at a time in threads of their own: more than there are processors only make each other slower. */
  taskThreads: availableParallelism(),
  /** What does not stop in a thread of its own is ended a little sooner. */
  taskThreadGraceMs: 1500,
  flowAbortGraceMs: 30_000,
  hookTimeoutMs: 10_000,
  /** How long the end of a flow waits for its log and its events before its last state goes out. */
  flowLogFlushMs: 10_000,
  flowEventFlushMs: 5000,
  /** Between two looks at a run that may not begin yet, or is paused. */
  waitingRunLookMs: 1000,
  pauseLookMs: 10_000,
  /** How often the event loop is looked at, and the delay that the log tells of. */
  loopLookMs: 500,
  loopBlockedMs: 1000,
  /** A lock whose process has died frees itself after so long; a living one renews it. */
  fileLockMs: 5 * 60_000,
  fileLockRenewMs: 60_000,
  fileLockLookMs: 100,

  /** How long tasks that wait for nothing may have the event loop for themselves. */
  taskTurnMs: 5,

  // Results in S3, where the block does not say otherwise.
  /** One result: a text twice as long is more than a string can hold. */
  s3ResultBytes: 256 * 1024 * 1024,
  /** Requests at once; the others wait for a connection. */
  s3Connections: 16,
  /** Until there is a connection, and without a byte on it; as in Python. */
  s3ConnectTimeoutMs: 60_000,
  s3IdleTimeoutMs: 60_000,
  /** One result, with all its attempts. */
  s3CallTimeoutMs: 5 * 60_000,
  /** As in Python. */
  s3Attempts: 5,
  /** Before a result that broke off is read again; the bound doubles each time. */
  s3PauseMs: 100,

  // Limits of the server, as this process holds slots of them.
  /** Of the slot of a deployment, as stock clients renew it. */
  deploymentLeaseSeconds: 300,
  slotLeaseSeconds: 60,
  /** Renewed when this share of it is over, and then tried again until it has ended. */
  leaseRenewShare: 0.5,
  leaseAgainMs: 1000,
  /** Where the server does not say when to come back. */
  slotRetryAfterSeconds: 5,
  /** For so long nobody asks again whether a set of tags has limits. */
  noLimitsMs: 5000,
  /** After so long of waiting the log says what for. */
  slotWaitTellMs: 10_000,

  // Runs of deployments and background tasks that somebody waits for.
  /** Between two looks where the event stream is blocked. */
  deafPollMs: 3000,
  /** Between two looks beside the stream: rarer and rarer. */
  taskPollFirstMs: 500,
  taskPollLongestMs: 15_000,
  /** How soon the run is read again when the stream has told of its end and its record does not show it yet. */
  taskRecordedMs: 250,

  // Runners and workers.
  /** Longest line of a run's output that is passed on; the rest is cut. */
  outputLineChars: 16_384,
  /** How much of the end of standard error is kept, for the state of a run that crashes. */
  lastWordsChars: 4096,
  /** Output of runs that nobody reads; beyond, lines are dropped and counted. */
  outputWaitingChars: 1024 * 1024,
  outputWriteChars: 64 * 1024,
  /** Before a full pipe is tried again. */
  outputAgainMs: 50,
  /** Something that a run has started, outside of its group, may hold its output open when it has ended. */
  outputEndMs: 1000,
  /** How far ahead runs are taken; each waits for its time in its own process. */
  servePrefetchMs: 10_000,
  /** Runs that are asked for at once. */
  pollRuns: 100,
  /** How often runs under way are looked at, where no event tells of their cancellation. */
  runLookMs: 10_000,
  /** When runs are looked for that another runner has left behind: at once, soon again, soon after some have been found, and else so often. */
  leftBehindSoonMs: 5000,
  leftBehindMs: 60_000,
  /** Polls that may be missing before a worker counts as stuck; stock workers allow as many. */
  missedPolls: 30,
}

/**
 * Every bound of the SDK in one place, the testing harness apart, each with a row in docs/limits.md ("In the SDK"). Times are
 * milliseconds and sizes bytes, unless the name says otherwise. What a user may change is an option or a setting and stands there;
 * these fit all.
 */
export const sdkLimits: { readonly [Name in keyof typeof table]: number } = table

/** These pace work, or are the time that somebody is given: nothing is refused, cut or given up that would be told. */
export const pacingLimits: ReadonlySet<keyof typeof sdkLimits> = new Set([
  'idleConnectionMs', 'answerHeadTimeoutMs', 'answerBodyTimeoutMs', 'http2PingMs', 'retriesSaved', 'csrfMarginMs',
  'streamPingMs', 'reconnectStableMs', 'blockedStreamMs', 'streamLingerMs',
  'refillEvents', 'spillReadBytes', 'confirmEvents', 'confirmAfterMs', 'idlePingMs', 'sendEvents', 'socketBufferedBytes', 'postBytes', 'socketAgainMs', 'shedWarnEveryMs', 'holdProcessMs', 'holdAgainMs', 'flushMs', 'runFlushMs',
  'logFlushAfterMs', 'heldUpMs', 'heldUpEndMs', 'streamReachMs', 'streamOverlapUs',
  'followsWithinUs', 'hookTimeoutMs', 'flowLogFlushMs', 'flowEventFlushMs', 'waitingRunLookMs', 'pauseLookMs', 'loopLookMs', 'fileLockRenewMs', 'fileLockLookMs', 'taskTurnMs', 's3Connections', 's3PauseMs',
  'deploymentLeaseSeconds', 'slotLeaseSeconds', 'leaseRenewShare', 'leaseAgainMs', 'slotRetryAfterSeconds', 'noLimitsMs',
  'deafPollMs', 'taskPollFirstMs', 'taskPollLongestMs', 'taskRecordedMs',
  'outputWriteChars', 'outputAgainMs', 'outputEndMs', 'servePrefetchMs', 'pollRuns', 'runLookMs', 'leftBehindSoonMs', 'leftBehindMs',
] as const)
