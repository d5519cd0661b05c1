import { AppError, RetryableError } from '../errors.ts'
import { appendEvent, type LoggedEvent } from '../storage/event-log.ts'
import type { Tx } from '../storage/port.ts'
import { isClientTaskRunEvent, type TaskRunEvent } from '@spillway/core/domain/task-run-from-event'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { recordTaskRunEvent } from './task-run-recorder.ts'

export interface IngestResult {
  stored: number
  /** Ids that were there already. */
  duplicates: number
  /** Events whose task run could not be recorded, with the reason; the event itself is stored. */
  unrecorded: { id: string; reason: string }[]
}

/**
 * Stores events in the order given, and the task runs that client events tell of, in one transaction. An id that is there
 * already changes nothing, so a batch may be sent again.
 */
async function ingestEvents(tx: Tx, args: { events: readonly LoggedEvent[] }): Promise<IngestResult> {
  const result: IngestResult = { stored: 0, duplicates: 0, unrecorded: [] }
  for (const event of args.events) {
    if ((await appendEvent(tx, event)) === undefined) {
      result.duplicates += 1
      continue
    }
    result.stored += 1
    if (!event.event.startsWith('prefect.task-run')) continue
    const parsed = parseExactJson(event.body) as TaskRunEvent
    if (!isClientTaskRunEvent(parsed)) continue
    await tx.run('savepoint recording')
    try {
      const reason = await recordTaskRunEvent(tx, parsed)
      if (reason !== undefined) result.unrecorded.push({ id: event.id, reason })
      await tx.run('release recording')
    } catch (error) {
      if (error instanceof RetryableError) throw error
      // The event is kept; only what it says of its task run is not.
      await tx.run('rollback to recording')
      await tx.run('release recording')
      result.unrecorded.push({ id: event.id, reason: error instanceof AppError ? error.message : String(error) })
    }
  }
  return result
}

/** Keeps an event that could not be taken in, for whoever looks into it. */
async function keepDeadLetter(tx: Tx, args: { reason: string; body: string }): Promise<void> {
  await tx.run('insert into event_dead_letter (received, reason, body) values (?, ?, ?)', [
    tx.nowUs,
    args.reason.slice(0, 2_000),
    args.body.slice(0, 100_000),
  ])
  await tx.run('delete from event_dead_letter where seq <= (select max(seq) from event_dead_letter) - 10000')
}

export const eventCommands = { ingestEvents, keepDeadLetter }
