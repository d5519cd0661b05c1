// Runs groups of test files side by side: files are taken from one queue, so that no lane idles while there is one left.
import { runTests } from './test-run.mjs'

/** What node:test adds up at the end of each run; here a group has one such line. */
const totalsOfRun = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*\n/gm

/**
 * Each file's end is told as it comes, and what the tests of a group print when all of it has ended.
 *
 * @param {{title: string, files: string[], atOnce: number, lock?: string, timeoutMs: number}[]} groups in the order of their beginning
 * @param {number} lanes
 * @returns {Promise<{passed: number, failed: number, skipped: number}>}
 */
export async function runInLanes(groups, lanes) {
  const totals = noCounts()
  const jobs = groups.flatMap(jobsOf)
  const locked = new Set()
  /** Lanes that wait for a lock; all of them look again when a job has ended. */
  const waiting = []

  const take = () => {
    const at = jobs.findIndex(({ group }) => !locked.has(group.lock))
    return at < 0 ? undefined : jobs.splice(at, 1)[0]
  }
  const lane = async () => {
    while (jobs.length > 0) {
      const job = take()
      if (!job) {
        await new Promise((resolve) => waiting.push(resolve))
        continue
      }
      const { group } = job
      if (group.lock !== undefined) locked.add(group.lock)
      await runJob(job)
      locked.delete(group.lock)
      for (const wake of waiting.splice(0)) wake()
      if (group.results.every((result) => result !== undefined)) add(totals, tellGroup(group))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return totals
}

/** A group by itself, its output as it comes. */
export async function runAlone({ title, files, timeoutMs }) {
  const startedMs = performance.now()
  process.stdout.write(`\n== ${title} (${files.length} files)\n`)
  const counts = await runTests(files, { concurrency: 1, timeoutMs })
  process.stdout.write(`== ${title}: ${inWords(counts)} in ${seconds(performance.now() - startedMs)}\n`)
  return counts
}

export function noCounts() {
  return { passed: 0, failed: 0, skipped: 0 }
}

export function add(totals, counts) {
  for (const key of Object.keys(totals)) totals[key] += counts[key]
}

export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function jobsOf(group) {
  const parts = []
  for (let at = 0; at < group.files.length; at += group.atOnce) parts.push(group.files.slice(at, at + group.atOnce))
  const running = { ...group, results: parts.map(() => undefined) }
  return parts.map((files, number) => ({ group: running, number, files }))
}

async function runJob({ group, number, files }) {
  const startedMs = performance.now()
  const said = []
  const counts = await runTests(files, { concurrency: 1, timeoutMs: group.timeoutMs, say: (text) => said.push(text.toString()) })
  const tookMs = performance.now() - startedMs
  group.results[number] = { counts, tookMs, output: said.join('').replace(totalsOfRun, '') }
  const what = files.length === 1 ? files[0] : `${files[0]} and ${files.length - 1} more`
  console.log(`${seconds(tookMs).padStart(6)}  ${what}: ${inWords(counts)}`)
}

function tellGroup({ title, files, results }) {
  const counts = noCounts()
  for (const result of results) add(counts, result.counts)
  const tookMs = results.reduce((sum, result) => sum + result.tookMs, 0)
  process.stdout.write(`\n== ${title} (${files.length} files)\n${results.map(({ output }) => output).join('')}`)
  process.stdout.write(`== ${title}: ${inWords(counts)} in ${seconds(tookMs)} of a lane\n\n`)
  return counts
}

function seconds(ms) {
  return `${Math.round(ms / 1000)} s`
}
