import { parseArgs } from 'node:util'
import type { LoadJob, LoadResult } from '../load.ts'
import { canStart, startTarget, type Target } from '../targets.ts'
import { machineFacts } from './machine.ts'
import { ask, endPart, startPart } from './process.ts'
import { median, round } from './samples.ts'

/** Figures of one case on one target: numbers, and error counts by kind. */
export type Figures = Record<string, number>

/** Figures by case. */
export type Cases = Record<string, Figures>

export interface QuestionOptions {
  seconds: number
  targets: string[]
  repeats: number
  /** Part of the names of the cases that are wanted; '' for all. */
  only: string
}

/** `--seconds`, `--targets a,b`, `--repeats`, `--only <part of the name of a case>`, and numbers of the question's own (name and default). */
export function readOptions<Extra extends Record<string, number>>(
  defaults: { seconds?: number; targets?: string; repeats?: number }, extra = {} as Extra,
): QuestionOptions & Extra {
  const options = Object.fromEntries(['seconds', 'targets', 'repeats', 'only', ...Object.keys(extra)].map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ options })
  const own = Object.fromEntries(Object.entries(extra).map(([name, fallback]) => [name, Number(values[name] ?? fallback)])) as Extra
  return {
    seconds: Number(values['seconds'] ?? defaults.seconds ?? 5),
    targets: String(values['targets'] ?? defaults.targets ?? 'bare,spillway,prefect-3.8.8,prefect-3.9.1').split(',').filter(canStart),
    repeats: Number(values['repeats'] ?? defaults.repeats ?? 3),
    only: values['only'] ?? '',
    ...own,
  }
}

/** One measurement of a question. `earlier` are the cases measured before it on the same target in the same round. */
export interface Case {
  name: string
  run(load: RunLoad, target: Target, earlier: Cases): Promise<Figures>
}

export type RunLoad = (job: Partial<LoadJob>) => Promise<LoadResult>

/**
 * Measures the targets in turn, `repeats` times over, each time on a fresh server, and prints one JSON line: per case and target
 * the median of each figure, and Spillway's ratios to the others. A server that made errors in one case is replaced by a
 * fresh one for the next, so that what it still chews on is not held against it twice.
 *
 * @param compare The figure that ratios are made of, and whether more or less of it is better.
 */
export async function runQuestion(
  bench: string, options: QuestionOptions, compare: { figure: string; better: 'more' | 'less' }, allCases: readonly Case[],
): Promise<void> {
  const cases = allCases.filter((one) => one.name.includes(options.only))
  const machine = machineFacts()
  const rounds = new Map<string, Cases[]>(options.targets.map((name) => [name, []]))
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const name of options.targets) {
      process.stderr.write(`${bench}: round ${repeat + 1} of ${options.repeats}, ${name} …\n`)
      rounds.get(name)!.push(await measureAll(name, cases))
    }
  }
  printResult(bench, options, machine, rounds, compare)
}

async function measureAll(name: string, cases: readonly Case[]): Promise<Cases> {
  const measured: Cases = {}
  const left = [...cases]
  while (left.length > 0) {
    const target = await startTarget(name)
    try {
      await withLoader(target, async (load) => {
        for (let clean = true; clean && left.length > 0;) {
          const next = left.shift()!
          measured[next.name] = await next.run(load, target, measured)
          clean = !measured[next.name]!['errors']
        }
      })
    } finally {
      await target.stop()
    }
  }
  return measured
}

/** The line that a question prints. */
export function printResult(
  bench: string, options: QuestionOptions, machine: object, rounds: ReadonlyMap<string, Cases[]>,
  compare: { figure: string; better: 'more' | 'less' },
): void {
  const cases: Record<string, Record<string, Figures>> = {}
  for (const [target, runs] of rounds) {
    for (const name of Object.keys(runs[0] ?? {})) (cases[name] ??= {})[target] = medians(runs.map((run) => run[name]!))
  }
  const ratios: Record<string, Figures> = {}
  for (const [name, byTarget] of Object.entries(cases)) {
    const own = byTarget['spillway']?.[compare.figure]
    if (!own) continue
    for (const [target, figures] of Object.entries(byTarget)) {
      const other = figures[compare.figure]
      if (target === 'spillway' || other === undefined) continue
      const ratio = compare.better === 'more' ? own / other : other / own
      ;(ratios[name] ??= {})[`spillway to ${target}`] = Number.isFinite(ratio) ? round(ratio) : 0
    }
  }
  const { seconds, repeats } = options
  console.log(JSON.stringify({ bench, machine, seconds, repeats, ratioOf: `${compare.figure}, ${compare.better} is better`, ratios, cases }))
}

function medians(runs: readonly Figures[]): Figures {
  const names = new Set(runs.flatMap((run) => Object.keys(run)))
  return Object.fromEntries([...names].map((name) => [name, round(median(runs.map((run) => run[name] ?? 0)))]))
}

/** A load process for one target; each job is run by the same process, one after another. */
export async function withLoader<T>(target: Target, work: (load: RunLoad) => Promise<T>): Promise<T> {
  const loader = startPart(new URL('../load.ts', import.meta.url))
  let facts: LoadResult['facts'] | undefined
  try {
    return await work(async (job) => {
      const whole: LoadJob = {
        host: target.host, port: target.port, base: target.base, scenario: '', seconds: 1, callers: 16, ...(facts && { facts }), ...job,
      }
      const result = await ask<LoadResult>(loader, whole)
      facts = result.facts
      return result
    })
  } finally {
    await endPart(loader)
  }
}

/** A result as flat figures; errors appear by step and status. */
export function figuresOf(result: LoadResult): Figures {
  const kinds = Object.entries(result.errors).map(([kind, count]) => [`error: ${kind}`, count] as const)
  return {
    perSecond: result.perSecond, p50Ms: result.latencies.p50, p99Ms: result.latencies.p99, maxMs: result.latencies.max,
    errors: result.errorCount, errorPercent: round((100 * result.errorCount) / Math.max(1, result.errorCount + result.latencies.count)),
    ...Object.fromEntries(kinds),
  }
}

/**
 * A scenario in closed loop for each number of callers, then at a fixed rate, half of what 16 callers (or else the last
 * number of them) got through: throughput comes from the former, honest latencies from the latter.
 */
export function closedAndOpen(scenario: string, callerCounts: readonly number[], seconds: number, job: Partial<LoadJob> = {}): Case[] {
  const nameOf = (callers: number) => `${scenario}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`
  const reference = nameOf(callerCounts.includes(16) ? 16 : callerCounts.at(-1)!)
  const closed = callerCounts.map((callers): Case => ({
    name: nameOf(callers),
    run: async (load) => figuresOf(await load({ ...job, scenario, callers, seconds })),
  }))
  const open: Case = {
    name: `${scenario}, open rate`,
    run: async (load, _target, earlier) => {
      const ratePerSecond = Math.max(1, earlier[reference]!['perSecond']! / 2)
      const result = await load({ ...job, scenario, callers: 64, seconds, ratePerSecond })
      return { offeredPerSecond: Math.round(ratePerSecond), ...figuresOf(result) }
    },
  }
  return [...closed, open]
}
