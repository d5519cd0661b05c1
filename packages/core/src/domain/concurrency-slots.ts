const US_PER_SECOND = 1_000_000

/** A concurrency limit as it was last written. Slots are floats. */
export interface SlotLimit {
  name: string
  limit: number
  /** An inactive limit lets everything pass and is not counted. */
  active: boolean
  activeSlots: number
  deniedSlots: number
  /** Above 0 the limit is a rate: slots come back by themselves. */
  slotDecayPerSecond: number
  avgSlotOccupancySeconds: number
  /** When the slots were last written, microseconds since the epoch. */
  updatedUs: number
}

/** The longest waits that callers are told, in seconds. */
export interface SlotWaitSettings {
  maxWaitSeconds: number
  /** for limits named `tag:…` */
  maxTagWaitSeconds: number
}

export const DEFAULT_SLOT_WAIT: SlotWaitSettings = { maxWaitSeconds: 30, maxTagWaitSeconds: 10 }

/** No slot counts as held for less. */
const OCCUPANCY_SECONDS_MIN = 0.1
/** The average occupancy is taken over the last so many times `limit` slots. */
const OCCUPANCY_SAMPLES_PER_SLOT = 2

function maxWaitSeconds(limit: SlotLimit, settings: SlotWaitSettings): number {
  return limit.name.startsWith('tag:') ? settings.maxTagWaitSeconds : settings.maxWaitSeconds
}

/** Slot counts of one limit at a moment: what is written back when they change. */
export interface SlotCounts {
  activeSlots: number
  deniedSlots: number
  /** The moment up to which whole slots have come back; what is left of the next one is kept for later. */
  updatedUs: number
}

/**
 * The slot counts of a limit now. Taken slots come back at the limit's decay, if it has one. Slots that were asked for
 * in vain fade at that rate too, or else as fast as slots come free on average.
 */
export function slotsNow(limit: SlotLimit, nowUs: number, settings = DEFAULT_SLOT_WAIT): SlotCounts {
  const isRate = limit.slotDecayPerSecond > 0
  const occupancySeconds = Math.max(
    OCCUPANCY_SECONDS_MIN,
    Math.min(limit.avgSlotOccupancySeconds, maxWaitSeconds(limit, settings)),
  )
  const perSecond = isRate ? limit.slotDecayPerSecond : 1 / occupancySeconds
  const elapsedSeconds = Math.max(0, nowUs - limit.updatedUs) / US_PER_SECOND
  const whole = Math.floor(perSecond * elapsedSeconds)
  const activeSlots = isRate ? Math.max(0, limit.activeSlots - whole) : limit.activeSlots
  const deniedSlots = Math.max(0, limit.deniedSlots - whole)
  // Setting the time to now would throw away the part of a slot that has come back: a limit that is asked more often
  // than it decays would never let anyone through.
  const keepsPart = (isRate && activeSlots > 0) || deniedSlots > 0
  const accountedUs = limit.updatedUs + Math.floor((whole / perSecond) * US_PER_SECOND)
  return { activeSlots, deniedSlots, updatedUs: keepsPart ? Math.min(nowUs, accountedUs) : nowUs }
}

export type SlotDecision =
  | { kind: 'acquired'; changes: (SlotCounts | undefined)[] }
  /** `averageWaitSeconds` is what `clampedPoissonInterval` turns into the `Retry-After` of an answer 423. */
  | { kind: 'denied'; changes: (SlotCounts | undefined)[]; averageWaitSeconds: number }

/**
 * Takes slots of all limits, or of none. The changes stand in the order of the limits; inactive ones have none.
 * Write them in either case: being denied is counted too.
 *
 * @param slots more than 0; the caller has refused requests for more slots than a limit has
 */
export function takeSlots(
  limits: readonly SlotLimit[],
  slots: number,
  nowUs: number,
  settings = DEFAULT_SLOT_WAIT,
): SlotDecision {
  const now = limits.map((limit) => ({ limit, counts: slotsNow(limit, nowUs, settings) }))
  const acquired = now.every(({ limit, counts }) => !limit.active || counts.activeSlots + slots <= limit.limit)
  const changes = now.map(({ limit, counts }) => {
    if (!limit.active) return undefined
    return acquired
      ? { ...counts, activeSlots: counts.activeSlots + slots }
      : { ...counts, deniedSlots: counts.deniedSlots + slots }
  })
  return acquired
    ? { kind: 'acquired', changes }
    : { kind: 'denied', changes, averageWaitSeconds: averageWaitSeconds(limits, slots, settings) }
}

function averageWaitSeconds(
  limits: readonly SlotLimit[],
  slots: number,
  settings: SlotWaitSettings,
): number {
  let blocking: SlotLimit | undefined
  let blockingSlots = -1
  for (const limit of limits) {
    if (!limit.active) continue
    const inLine = slots + limit.deniedSlots
    const weight = limit.slotDecayPerSecond > 0 ? inLine : inLine / limit.limit
    if (weight > blockingSlots) {
      blocking = limit
      blockingSlots = weight
    }
  }
  if (!blocking) return 0
  if (blocking.slotDecayPerSecond > 0) return blockingSlots / blocking.slotDecayPerSecond
  const maxWait = maxWaitSeconds(blocking, settings)
  return Math.min(Math.min(blocking.avgSlotOccupancySeconds, maxWait) * blockingSlots, maxWait)
}

/**
 * Gives slots back.
 *
 * @param occupancySeconds how long they were held, when that is known: it moves the average occupancy
 */
export function releaseSlots(
  limit: SlotLimit,
  slots: number,
  nowUs: number,
  occupancySeconds?: number,
  settings = DEFAULT_SLOT_WAIT,
): SlotCounts & { avgSlotOccupancySeconds: number } {
  const counts = slotsNow(limit, nowUs, settings)
  return {
    ...counts,
    activeSlots: Math.max(0, counts.activeSlots - slots),
    avgSlotOccupancySeconds: occupancySeconds
      ? averageOccupancy(limit, Math.max(occupancySeconds / slots, OCCUPANCY_SECONDS_MIN))
      : limit.avgSlotOccupancySeconds,
  }
}

function averageOccupancy(limit: SlotLimit, perSlotSeconds: number): number {
  // A limit of 0 has no slots to average over; Prefect would divide by zero.
  if (limit.limit <= 0) return limit.avgSlotOccupancySeconds
  const samples = limit.limit * OCCUPANCY_SAMPLES_PER_SLOT
  return limit.avgSlotOccupancySeconds + (perSlotSeconds - limit.avgSlotOccupancySeconds) / samples
}

/**
 * A random wait around an average, so that callers who were refused together do not come back together: exponentially
 * distributed between about 0.75 and 1.3 times the average. An average of 0 or less gives 0.
 *
 * @param random a source of numbers in [0, 1)
 * @param spread how far above the average a wait may be, as a part of it
 */
export function clampedPoissonInterval(averageSeconds: number, random: () => number, spread = 0.3): number {
  if (!(averageSeconds > 0)) return 0
  const upper = 1 + spread
  // Below the median there is as much chance as between it and the upper bound.
  const lower = -Math.log2(1 - 2 ** -upper)
  const chanceBelow = (multiple: number) => 1 - Math.exp(-multiple)
  const chance = chanceBelow(lower) + (chanceBelow(upper) - chanceBelow(lower)) * random()
  return -Math.log(1 - chance) * averageSeconds
}
