import { isTerminal, type StateType } from './state.ts'

/** What a run's response derives its times from. Times in microseconds since the epoch. */
export interface RunTimes {
  stateType: StateType | null
  stateTimestampUs: number | null
  totalRunTimeSeconds: number
  expectedStartTimeUs: number | null
  startTimeUs: number | null
}

/** `estimated_run_time`: the seconds the run has been running, up to now when it still does. */
export function estimatedRunTimeSeconds(run: RunTimes, nowUs: number): number {
  if (run.stateType !== 'RUNNING' || run.stateTimestampUs === null) return run.totalRunTimeSeconds
  return (Math.round(run.totalRunTimeSeconds * 1e6) + (nowUs - run.stateTimestampUs)) / 1e6
}

/** `estimated_start_time_delta`: how many seconds late the run started, or is by now if it has yet to; at least 0. */
export function latenessSeconds(run: RunTimes, nowUs: number): number {
  if (run.expectedStartTimeUs === null) return 0
  if (run.startTimeUs !== null) return Math.max(0, run.startTimeUs - run.expectedStartTimeUs) / 1e6
  return isTerminal(run.stateType) ? 0 : Math.max(0, nowUs - run.expectedStartTimeUs) / 1e6
}
