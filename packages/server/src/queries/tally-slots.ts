/** How times that lie anywhere are answered out of slots of fixed lengths. Pure arithmetic; times in microseconds. */

const MINUTE_US = 60_000_000

/** Lengths of the tally's slots in minutes, the longest first; each is a whole number of the next. 0 is all of time. */
const SPANS_MINUTES = [360, 60, 10, 1] as const

/** Edges rounded to the nearest slot of one length. An edge at ±Infinity stays there. */
export interface RoundedEdges {
  minutes: number
  slots: number[]
}

/**
 * The edges of buckets, rounded to slots that are no longer than the buckets, and then to shorter and shorter ones.
 *
 * What lies between two edges is what lies between them rounded, corrected by what lies between an edge rounded to one length
 * and the same rounded to the next, and so on down to the edge itself. To the nearest slot it is never far, so that an edge costs
 * a few slots of each length instead of all slots of the one that it cuts.
 */
export function roundEdges(edges: readonly number[], bucketUs: number): RoundedEdges[] {
  const fitting = SPANS_MINUTES.filter((minutes) => minutes * MINUTE_US <= bucketUs)
  return (fitting.length === 0 ? ([1] as const) : fitting).map((minutes) => ({
    minutes,
    slots: edges.map((edgeUs) => Math.round(edgeUs / (minutes * MINUTE_US))),
  }))
}

/** What moves across an edge when it goes from one place to a nearby one. */
export interface Move {
  /** Index of the edge. */
  edge: number
  from: number
  /** Exclusive. */
  to: number
  /** 1: out of the bucket after the edge into the one before it; -1: the other way. */
  sign: 1 | -1
}

/** Slots that move when edges go from the places of one length to those of a shorter one; in slots of the shorter. */
export function slotMoves(longer: RoundedEdges, shorter: RoundedEdges): Move[] {
  const shorterInLonger = longer.minutes / shorter.minutes
  return moves(longer.slots.map((slot) => slot * shorterInLonger), shorter.slots)
}

/** Stretches of time that move when edges go from whole minutes to where they are. */
export function timeMoves(minutes: RoundedEdges, edges: readonly number[]): Move[] {
  return moves(minutes.slots.map((slot) => slot * minutes.minutes * MINUTE_US), edges)
}

function moves(places: readonly number[], next: readonly number[]): Move[] {
  return places.flatMap((place, edge): Move[] => {
    const goal = next[edge]!
    if (place === goal) return []
    return [place < goal ? { edge, from: place, to: goal, sign: 1 } : { edge, from: goal, to: place, sign: -1 }]
  })
}

/** A part of a sum. */
export interface Piece {
  /** How long the slots are that are meant; undefined: the runs between two times. */
  minutes: number | undefined
  from: number
  /** Exclusive. */
  to: number
  /** Added, or taken away. */
  sign: 1 | -1
}

/** What the time between two moments is made of; either may be infinite. */
export function piecesBetween(fromUs: number, toUs: number): Piece[] {
  if (fromUs >= toUs) return []
  if (fromUs === -Infinity && toUs === Infinity) return [{ minutes: 0, from: fromUs, to: toUs, sign: 1 }]
  const edges = [fromUs, toUs]
  const lengths = roundEdges(edges, toUs - fromUs)
  const longest = lengths[0]!
  const toPieces = (minutes: number | undefined, moved: readonly Move[]): Piece[] =>
    moved.map(({ edge, from, to, sign }) => ({ minutes, from, to, sign: edge === 0 ? (-sign as 1 | -1) : sign }))
  return [
    { minutes: longest.minutes, from: longest.slots[0]!, to: longest.slots[1]!, sign: 1 },
    ...lengths.slice(1).flatMap((shorter, index) => toPieces(shorter.minutes, slotMoves(lengths[index]!, shorter))),
    ...toPieces(undefined, timeMoves(lengths.at(-1)!, edges)),
  ]
}
