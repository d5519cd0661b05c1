import { AppError, RetryableError } from '../errors.ts'
import { appendEvents, type LoggedEvent } from '../storage/event-log.ts'
import type { Tx } from '../storage/port.ts'
import { recordTaskRuns, type TaskRunTelling, type Unrecorded } from './task-run-recorder.ts'

export interface IngestResult {
  stored: number
  /** Ids that were there already. */
  duplicates: number
  /** Events whose task run could not be recorded, with the reason; the event itself is stored. */
  unrecorded: Unrecorded[]
}

/**
 * Stores events in the order given, and the task runs that client events tell of, in one transaction. An id that is there
 * already changes nothing, so a batch may be sent again.
 */
async function ingestEvents(tx: Tx, args: { events: readonly LoggedEvent[]; publish: boolean }): Promise<IngestResult> {
  const appended = await appendEvents(tx, args.events, args.publish)
  const tellings: TaskRunTelling[] = []
  const unrecorded: Unrecorded[] = []
  for (const { id, taskRun } of appended) {
    if (!taskRun) continue
    if ('reason' in taskRun) unrecorded.push({ id, reason: taskRun.reason })
    else tellings.push({ eventId: id, taskRun })
  }
  unrecorded.push(...(await recordGuarded(tx, tellings)))
  return { stored: appended.length, duplicates: args.events.length - appended.length, unrecorded }
}

/** Records what can be recorded: where something throws, it is done once more for each one alone, so that only one is lost. */
async function recordGuarded(tx: Tx, tellings: readonly TaskRunTelling[]): Promise<Unrecorded[]> {
  if (tellings.length === 0) return []
  await tx.run('savepoint recording')
  try {
    const unrecorded = await recordTaskRuns(tx, tellings)
    await tx.run('release recording')
    return unrecorded
  } catch (error) {
    if (error instanceof RetryableError) throw error
    await tx.run('rollback to recording')
    await tx.run('release recording')
    const [only] = tellings
    if (tellings.length === 1 && only) return [{ id: only.eventId, reason: error instanceof AppError ? error.message : String(error) }]
    const unrecorded: Unrecorded[] = []
    for (const telling of tellings) unrecorded.push(...(await recordGuarded(tx, [telling])))
    return unrecorded
  }
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
