import { test } from 'node:test'
import { World, type Schedule } from './world.ts'

/** `SPILLWAY_SEED=<n>` runs that one schedule again. */
const only = process.env['SPILLWAY_SEED']
const inAll = Number(process.env['SPILLWAY_SCHEDULES'] ?? (process.env['SPILLWAY_SOAK'] === '1' ? 100_000 : 10_000))
const schedules = only === undefined ? Math.ceil(inAll / 2) : 1
const firstSeed = only === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(only)

async function runAll(mode: Schedule['mode']): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
    try {
      await new World({ seed, mode }).run()
    } catch (error) {
      throw new Error(`schedule ${seed} in mode ${mode}: ${(error as Error).message}\nRun it again with SPILLWAY_SEED=${seed} npm test -- simulation`, { cause: error })
    }
  }
}

test('whatever peers, store and sockets do, a subscriber gets everything once and in order, within its bounds', () => runAll('safety'))

test('peers that are faulty for ever keep none of the others from getting everything', () => runAll('liveness'))
