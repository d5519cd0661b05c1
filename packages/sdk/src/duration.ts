/** Milliseconds, or a text such as `500ms`, `10s`, `1.5m`, `2h`, `7d`. */
export type Duration = number | string

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** @throws {TypeError} when the text is no duration, or the number is negative or not finite. */
export function durationMs(duration: Duration): number {
  if (typeof duration === 'number') {
    if (!Number.isFinite(duration) || duration < 0) throw new TypeError(`${duration} is no duration in milliseconds`)
    return duration
  }
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(duration)
  if (!match) throw new TypeError(`'${duration}' is no duration: write 500ms, 10s, 5m, 2h or 1d`)
  return Number(match[1]) * UNIT_MS[match[2]!]!
}
