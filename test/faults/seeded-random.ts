/** Numbers from 0 to 1, the same ones for the same seed: a failing run of a test can be had again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of this run: SPILLWAY_SEED, or a new one. */
export function chooseSeed(): number {
  return Number(process.env['SPILLWAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
}
