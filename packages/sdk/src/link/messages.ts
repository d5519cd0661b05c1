import type { StateType } from '@spillway/core/domain/state'
import type { LogRecord } from '../events/log-sender.ts'
import type { OutgoingEvent } from '../events/outbox.ts'

/** From the process of a run to the runner that started it. */
export type FromRun =
  | { readonly kind: 'events'; readonly events: readonly OutgoingEvent[] }
  /** Answered with `confirmed` when the server has all events before it. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'log'; readonly record: LogRecord }
  | { readonly kind: 'flush-logs' }
  | { readonly kind: 'keep-lease'; readonly leaseId: string; readonly seconds: number }
  | { readonly kind: 'drop-lease'; readonly leaseId: string }
  | { readonly kind: 'watch' | 'unwatch'; readonly flowRunId: string }

/** From the runner to the process of a run. */
export type ToRun =
  | { readonly kind: 'cancel' | 'stop'; readonly reason: string }
  | { readonly kind: 'confirmed' }
  /** So many more log records are with the server. */
  | { readonly kind: 'logged'; readonly count: number }
  | { readonly kind: 'lease-lost'; readonly leaseId: string; readonly reason: string }
  | { readonly kind: 'state'; readonly flowRunId: string; readonly type: StateType }
