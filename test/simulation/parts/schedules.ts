/**
 * Runs schedules of one mode: `schedules.ts safety 5000`. A process of its own, because the test runner follows every promise, and a run has
 * millions. It ends with 1 and the seed of the schedule that failed; `SPILLWAY_SEED=<seed>` runs that one again.
 */
import { World, type Schedule } from '../world.ts'

const [mode, count] = process.argv.slice(2) as [Schedule['mode'], string]
const only = process.env['SPILLWAY_SEED']
const first = only === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(only)
const end = first + (only === undefined ? Number(count) : 1)
for (let seed = first; seed < end; seed += 1) {
  try {
    await new World({ seed, mode }).run()
  } catch (error) {
    console.log(`schedule ${seed}: ${(error as Error).stack}\nRun it again with SPILLWAY_SEED=${seed} npm test -- ${mode}`)
    process.exit(1)
  }
}
console.log(`${end - first} schedules from seed ${first}`)
