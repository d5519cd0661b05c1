import { isTerminal, scheduledTimeUs, type StateType } from './state.ts'
import type { Draft, Step, TransitionFacts } from './transition.ts'

/** The columns every kind of run keeps about its states. Times in microseconds since the epoch. */
export interface BookkeptRun {
  startTimeUs: number | null
  endTimeUs: number | null
  expectedStartTimeUs: number | null
  nextScheduledStartTimeUs: number | null
  totalRunTimeSeconds: number
  runCount: number
  /** Columns of the current state. Need not be loaded: a decision that writes a state sets them all. */
  stateId?: string | null
  stateType?: StateType | null
  stateName?: string | null
  stateTimestampUs?: number | null
}

/** Keeps the columns of a run in step with the state that is about to be written. */
export function bookkeeping<
  Facts extends TransitionFacts<Run>, Run extends BookkeptRun, Effect,
>(): Step<Facts, Run, Effect> {
  return {
    name: 'keep-times-of-run',
    always: true,
    before: (draft) => ({ run: bookkeptColumns(draft) as Partial<Run> }),
  }
}

function bookkeptColumns({ initial, proposed, run }: Draft<BookkeptRun>): Partial<BookkeptRun> {
  const nowUs = proposed.timestampUs
  const columns: Partial<BookkeptRun> = {
    stateId: proposed.id,
    stateType: proposed.type,
    stateName: proposed.name,
    stateTimestampUs: nowUs,
  }
  if (proposed.type === 'RUNNING' && run.startTimeUs === null) columns.startTimeUs = nowUs
  if (isTerminal(proposed.type)) {
    // From terminal to terminal the first end stands.
    if (run.endTimeUs === null) {
      columns.endTimeUs = nowUs
      if (run.startTimeUs === null) columns.startTimeUs = nowUs
    }
  } else if (isTerminal(initial?.type)) {
    columns.endTimeUs = null
  }
  if (initial?.type === 'RUNNING') {
    const ranUs = Math.max(0, nowUs - initial.timestampUs)
    columns.totalRunTimeSeconds = (Math.round(run.totalRunTimeSeconds * 1e6) + ranUs) / 1e6
  }
  const dueUs = proposed.type === 'SCHEDULED' ? (scheduledTimeUs(proposed) ?? nowUs) : null
  if (run.expectedStartTimeUs === null) columns.expectedStartTimeUs = dueUs ?? nowUs
  if (dueUs !== null || initial?.type === 'SCHEDULED') columns.nextScheduledStartTimeUs = dueUs
  return columns
}
