/** What a value may be in a statement's parameters. Booleans go in as 0 or 1, documents as JSON text. */
export type SqlParam = string | number | null | Uint8Array

/** SQLite answers at once, PostgreSQL with a promise; operations always `await`. */
export type Awaitable<T> = T | Promise<T>

/** Settings that operations need; a copy crosses to the store's threads when they start. */
export interface StoreSettings {
  readonly initialDeploymentLeaseSeconds: number
  readonly deploymentSlotWaitSeconds: number
  readonly maximumSlotWaitSeconds: number
  readonly tagSlotWaitSeconds: number
  readonly maxCacheKeyLength: number
  readonly maxParameterBytes: number
  readonly maxGraphNodes: number
  readonly maxGraphArtifacts: number
  readonly workerFallbackHeartbeatSeconds: number
  readonly workerHeartbeatMultiple: number
  readonly deploymentPolledTimeoutSeconds: number
  readonly queuePolledTimeoutSeconds: number
  readonly maxEventBytes: number
  /** How late a run may be where its deployment skips late runs. */
  readonly catchUpGraceSeconds: number
  readonly scheduler: {
    /** False: runs of schedules are made by nobody but `POST /deployments/{id}/schedule`. */
    readonly enabled: boolean
    readonly maxRuns: number
    readonly minRuns: number
    readonly maxScheduledSeconds: number
    readonly minScheduledSeconds: number
    readonly insertBatchSize: number
    readonly deploymentBatchSize: number
    readonly loopSeconds: number
  }
  /** 32 bytes as hex; encrypts block documents at rest. */
  readonly encryptionKey: string
}

/** Read access to the store, as an operation sees it. Statements use positional `?`, in the subset that SQLite and PostgreSQL share. */
export interface Sql {
  readonly dialect: 'sqlite' | 'postgres'
  /** Time of this operation, microseconds since the epoch. */
  readonly nowUs: number
  readonly settings: StoreSettings
  get<Row = Record<string, unknown>>(text: string, params?: readonly SqlParam[]): Awaitable<Row | undefined>
  all<Row = Record<string, unknown>>(text: string, params?: readonly SqlParam[]): Awaitable<Row[]>
  /** Rows as arrays of their columns: for thousands of small rows, a third of the time of `all`. */
  tuples<Tuple extends readonly unknown[]>(text: string, params?: readonly SqlParam[]): Awaitable<Tuple[]>
}

/** An event that a command wants to tell: `id` and `occurred` are filled in when absent. */
export interface NewEvent {
  id?: string
  /** Canonical ISO text. */
  occurred?: string
  event: string
  resource: Record<string, string>
  related?: readonly Record<string, string>[]
  payload?: unknown
  follows?: string | null
}

/** What the hub is told after the commit. */
export type Publication =
  | { topic: 'event'; seq: number; event: string; resourceId: string; relatedIds: readonly string[]; occurredUs: number; body: string }
  | { topic: 'log'; seq: number; flowRunId: string | null; timestampUs: number; body: string }
  /** Events or log lines up to this cursor were stored, and their bodies did not cross because nobody listened. */
  | { topic: 'unpublished'; log: 'event' | 'log'; seq: number }
  | { topic: 'background-task'; taskKey: string }
  | { topic: 'work-pool'; id: string; name: string }
  | { topic: 'automation' }

/** One command's view of its transaction: everything in it commits together or not at all. */
export interface Tx extends Sql {
  /** @returns the number of rows changed. */
  run(text: string, params?: readonly SqlParam[]): Awaitable<number>
  newId(): string
  /** Writes the event in this transaction (the event log is the outbox) and publishes it after the commit. */
  emit(event: NewEvent): Awaitable<void>
  /** Told to the hub after the commit; never when the command fails. */
  publish(publication: Publication): void
}

/** An HTTP answer, encoded on the store's side so that the connection thread never builds long JSON. */
export interface Answer {
  status: number
  /** JSON text; empty for 204. */
  json: string
  headers?: Record<string, string>
}

/** Whose work goes first, and what is shed first: state changes, then reads, then events, then logs. */
export type WorkClass = 'state' | 'read' | 'event' | 'log'
