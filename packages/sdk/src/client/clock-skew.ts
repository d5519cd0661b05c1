import { sdkLimits } from '../limits.ts'

/** A request and its answer on the clock of this process, in milliseconds since the epoch. */
export interface RoundTrip {
  readonly sentMs: number
  readonly receivedMs: number
}

/**
 * How far the clock of the server is ahead of this one, in milliseconds, as its `Date` header tells. The header has whole seconds, and was
 * written at some moment of the round trip: any difference in a range fits it. This is the one nearest to none, so that neither a slow network nor the
 * missing fraction is taken for a difference.
 *
 * @returns undefined when the header is no date
 */
export function skewOf(date: string, { sentMs, receivedMs }: RoundTrip): number | undefined {
  const atMs = Date.parse(date)
  if (Number.isNaN(atMs)) return undefined
  const leastMs = atMs - receivedMs
  const mostMs = atMs + 1000 - sentMs
  if (leastMs > 0) return leastMs
  return mostMs < 0 ? mostMs : 0
}

/** Compares the clocks with every answer, and tells of a difference that matters: once, and again when it has become another one. */
export class ClockSkew {
  readonly #tell: (skewMs: number) => void
  #toldMs = 0
  /** As the last answer had it. */
  lastMs = 0

  constructor(tell: (skewMs: number) => void) {
    this.#tell = tell
  }

  note(date: string, trip: RoundTrip): void {
    const skewMs = skewOf(date, trip)
    if (skewMs === undefined) return
    this.lastMs = skewMs
    const isNews = Math.abs(skewMs - this.#toldMs) > sdkLimits.clockSkewMs
    if (!isNews || Math.abs(skewMs) <= sdkLimits.clockSkewMs) return
    this.#toldMs = skewMs
    this.#tell(skewMs)
  }
}

/** What is said of it. */
export function skewMessage(skewMs: number, server: string): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const [direction, consequence] = skewMs > 0 ? ['behind', 'late'] : ['ahead of', 'early']
  return `the clock of this process is ${seconds} s ${direction} that of ${server}: what it records has wrong times, and its runs start ${consequence}; compare \`date -u\` on both machines and let the wrong one keep time by NTP (timedatectl set-ntp true), or start this process again if its machine has slept or was set right meanwhile`
}
