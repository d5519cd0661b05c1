import type { Limits } from '../limits.ts'
import type { Publication, StoreSettings } from './port.ts'

/** What the connection thread tells a store thread when it starts. */
export interface ThreadStart {
  role: 'writer' | 'reader'
  path: string
  busyTimeoutMs: number
  statementsMax: number
  walBytes: number
  groupCommands: number
  groupMs: number
  settings: StoreSettings
  /** Shared with the reader's watchdog: [started at (ms, low 31 bits), sequence of the running query or 0]. */
  watch: Int32Array
}

export interface OperationRequest {
  id: number
  name: string
  args: unknown
}

/** An error in a form that crosses threads. */
export interface ErrorMessage {
  kind: 'app' | 'retryable' | 'bug'
  message: string
  status?: number
  body?: unknown
  headers?: Record<string, string>
  retryAfterSeconds?: number
  limit?: keyof Limits | undefined
  stack?: string
}

export interface OperationReply {
  id: number
  value?: unknown
  error?: ErrorMessage
}

/** All that one turn of a store thread has to say; one message carries a whole group. */
export interface ReplyBatch {
  kind: 'replies'
  replies: OperationReply[]
  publications: Publication[]
  /** Figures of the group, for the metrics. */
  commands: number
  commitMs: number
}

export interface ReadyMessage {
  kind: 'ready'
  epoch: string
}

export interface StartFailure {
  kind: 'failed'
  message: string
  remedy: string
}

export type ThreadMessage = ReplyBatch | ReadyMessage | StartFailure

/** `close` ends the thread after what it has; requests come in batches, one per turn of the connection thread. */
export type MainMessage = { kind: 'requests'; requests: OperationRequest[] } | { kind: 'close' }
