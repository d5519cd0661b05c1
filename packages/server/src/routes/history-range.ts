import { parseIso } from '@spillway/core/wire/time'
import { httpError } from '../errors.ts'

export interface HistoryRange {
  startUs: number
  endUs: number
  intervalUs: number
}

/**
 * The range of a history and its buckets.
 *
 * @throws 422 when the buckets are shorter than a second.
 */
export function readHistoryRange(body: {
  history_start: string
  history_end: string
  history_interval_seconds: number
}): HistoryRange {
  if (!(body.history_interval_seconds >= 1)) {
    throw httpError(422, 'History interval must not be less than 1 second.')
  }
  return {
    startUs: parseIso(body.history_start) ?? 0,
    endUs: parseIso(body.history_end) ?? 0,
    intervalUs: Math.round(body.history_interval_seconds * 1e6),
  }
}
