/**
 * How long from spawn until the health route answers, on an empty folder and on one that holds 50 finished runs; and how much
 * memory does the server hold 3 s after it, before any work?
 *
 *     npm run bench -- start-up [--repeats 5] [--targets bare,spillway,prefect-3.8.8,prefect-3.9.1]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { machineFacts } from './lib/machine.ts'
import { printResult, readOptions, withLoader, type Cases, type Figures } from './lib/question.ts'
import { round } from './lib/samples.ts'
import { startTarget } from './targets.ts'

const SETTLE_MS = 3000
const RUNS = 50
const options = readOptions({ repeats: 5, seconds: 0 })

async function startOnce(name: string, home: string, runs: number): Promise<Figures> {
  const target = await startTarget(name, home)
  try {
    await delay(SETTLE_MS)
    const memoryMiB = target.memoryMiB()
    if (runs > 0) await withLoader(target, (load) => load({ scenario: 'read one', callers: 1, seconds: 0.1, prepareRuns: runs }))
    return { healthyAfterMs: round(target.healthyAfterMs), memoryMiB }
  } finally {
    await target.stop()
  }
}

async function measure(name: string): Promise<Cases> {
  const home = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  try {
    return { 'empty folder': await startOnce(name, home, RUNS), 'existing database': await startOnce(name, home, 0) }
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

const machine = machineFacts()
const rounds = new Map<string, Cases[]>(options.targets.map((name) => [name, []]))
for (let repeat = 0; repeat < options.repeats; repeat++) {
  for (const name of options.targets) {
    process.stderr.write(`start-up: round ${repeat + 1} of ${options.repeats}, ${name} …\n`)
    rounds.get(name)!.push(await measure(name))
  }
}
printResult('start-up', options, machine, rounds, { figure: 'healthyAfterMs', better: 'less' })
