import { formatIso } from '../wire/time.ts'

/** Which runs of a schedule that are late still start: all of them, only the newest one, or none. */
export const catchUpModes = ['all', 'latest', 'skip'] as const
export type CatchUpMode = (typeof catchUpModes)[number]

export const catchUpLabel = 'spillway.catch-up'
export const maxLateLabel = 'spillway.max-late-seconds'

/**
 * A run is not late for `skip` before it has missed three polls of a worker or runner. A server that calls runs late only after a
 * longer time takes that one.
 */
export const leastCatchUpGraceSeconds = 30

/** What a deployment says of its runs that are late. It stands in its labels, which its runs carry too: other servers ignore it. */
export interface CatchUp {
  mode: CatchUpMode
  /** A run that was not handed out so long after its time does not start any more; null for no such bound. */
  maxLateSeconds: number | null
}

/** Reads it from labels. What is no sensible value counts as not said: the runs start. */
export function readCatchUp(labels: Readonly<Record<string, unknown>>): CatchUp {
  const mode = catchUpModes.find((one) => one === labels[catchUpLabel]) ?? 'all'
  return { mode, maxLateSeconds: secondsOf(labels[maxLateLabel]) }
}

function secondsOf(value: unknown): number | null {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

/** What is wrong with the labels of a deployment; null when they can be followed. */
export function catchUpFault(labels: Readonly<Record<string, unknown>>): string | null {
  const mode = labels[catchUpLabel]
  if (mode !== undefined && !catchUpModes.some((one) => one === mode)) {
    return `The label ${catchUpLabel} must be one of ${catchUpModes.join(', ')}, not ${JSON.stringify(mode)}.`
  }
  const maxLate = labels[maxLateLabel]
  if (maxLate === undefined || secondsOf(maxLate) !== null) return null
  return `The label ${maxLateLabel} must be a number of seconds, 0 or more, not ${JSON.stringify(maxLate)}.`
}

/** A run that a schedule has made, that nobody has taken yet, and whose time has come. */
export interface DueRun {
  dueUs: number
  /** Whether the same schedule has made another run since whose time has come too, whatever became of that one. */
  isNewerDue: boolean
}

/**
 * Why a run does not start any more, as the message of its last state; null when it starts.
 *
 * @param graceSeconds what `skip` allows where the deployment does not say how late is too late
 */
export function whySkipped(catchUp: CatchUp, run: DueRun, nowUs: number, graceSeconds: number): string | null {
  const due = `Due ${formatIso(run.dueUs)}`
  if (catchUp.mode === 'latest' && run.isNewerDue) {
    return `${due}; a newer run of the schedule was due, and the deployment catches up with the latest only.`
  }
  const maxLateSeconds = catchUp.maxLateSeconds ?? (catchUp.mode === 'skip' ? graceSeconds : null)
  if (maxLateSeconds === null || nowUs <= run.dueUs + maxLateSeconds * 1e6) return null
  const rule = catchUp.maxLateSeconds === null ? 'does not catch up with late runs' : 'starts no run later than that'
  return `${due}, and not taken by a worker or runner within ${maxLateSeconds} s; the deployment ${rule}.`
}
