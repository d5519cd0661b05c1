import { World, type Schedule } from './world.ts'

/** `SPILLWAY_SEED=<n>` runs that one schedule again. */
const only = process.env['SPILLWAY_SEED']
/** Of both modes together. */
const inAll = Number(process.env['SPILLWAY_SCHEDULES'] ?? (process.env['SPILLWAY_SOAK'] === '1' ? 100_000 : 10_000))

/** Runs this run's share of schedules in a mode. @throws an error that names the seed of the one that failed. */
export async function runSchedules(mode: Schedule['mode']): Promise<void> {
  const first = only === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(only)
  const end = first + (only === undefined ? Math.ceil(inAll / 2) : 1)
  for (let seed = first; seed < end; seed += 1) {
    try {
      await new World({ seed, mode }).run()
    } catch (error) {
      throw new Error(`schedule ${seed} in mode ${mode}: ${(error as Error).message}\nRun it again with SPILLWAY_SEED=${seed} npm test -- ${mode}`, { cause: error })
    }
  }
}
