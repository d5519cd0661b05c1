/**
 * How long do the runs page, its counts and its history take on 1,000,000 runs, and do they grow with the number of runs?
 * Each request by itself at an open rate of 20 per second, on 10,000 and on 1,000,000 runs.
 *
 * The runs are written into Spillway's database by SQL (only what the page reads: each run with its current state) and kept
 * under .cache/bench for the next time. `grows` is the p99 on the most runs over that on the fewest.
 *
 *     npm run bench -- runs-page [--seconds 5] [--rate 20] [--few 10000] [--many 1000000]
 */
import { machineFacts } from './lib/machine.ts'
import { figuresOf, readOptions, withLoader, type Cases } from './lib/question.ts'
import { RUNS_PAGE_SCENARIOS } from './lib/runs-page-scenarios.ts'
import { round } from './lib/samples.ts'
import { seededHome } from './lib/seeded-home.ts'
import { startTarget } from './targets.ts'

const options = readOptions({ targets: 'spillway', repeats: 1 }, { rate: 20, few: 10_000, many: 1_000_000 })

async function measure(runs: number): Promise<Cases> {
  const target = await startTarget('spillway', await seededHome(runs))
  try {
    return await withLoader(target, async (load) => {
      const cases: Cases = {}
      for (const scenario of Object.keys(RUNS_PAGE_SCENARIOS)) {
        const result = await load({ scenario, callers: 32, seconds: options.seconds, ratePerSecond: options.rate })
        // What still waits in the server's queue must not be held against the next request.
        await load({ scenario, callers: 1, seconds: 0.01, warmUpSeconds: 0 })
        cases[scenario.slice('runs page: '.length)] = figuresOf(result)
      }
      return cases
    })
  } finally {
    await target.stop()
  }
}

const machine = machineFacts()
const few = await measure(options.few)
const many = await measure(options.many)
const cases = Object.fromEntries(Object.entries(many).map(([name, figures]) => [name, {
  ...figures, fewRunsP99Ms: few[name]!['p99Ms']!, grows: round(figures['p99Ms']! / few[name]!['p99Ms']!),
}]))
const worstP99Ms = Math.max(...Object.values(many).map((figures) => figures['p99Ms']!))
const { seconds, rate } = options
console.log(JSON.stringify({ bench: 'runs-page', machine, seconds, ratePerSecond: rate, runs: options.many, fewRuns: options.few, worstP99Ms, cases }))
