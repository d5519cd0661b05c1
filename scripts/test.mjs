// `npm test`: does all its set-up, runs the whole suite with real parts, and ends with one line of totals.
// `npm test -- name` runs only the files whose path contains the name.
import { ensureDependencies } from './set-up/dependencies.mjs'

ensureDependencies()
const { ensurePrefect, ensurePrefectAws, ensureSchemathesis } = await import('./set-up/prefect.mjs')
const { ensureFaketime } = await import('./set-up/faketime.mjs')
const { ensureProxies } = await import('./set-up/proxies.mjs')
const { findTests } = await import('./find-tests.mjs')
const { runTests } = await import('./test-run.mjs')

const wanted = process.argv.slice(2)
const chosen = (files) => (wanted.length === 0 ? files : files.filter((file) => wanted.some((name) => file.includes(name))))
const minute = 60_000

// Those that share the machine run in two lanes, the longest first. The others compare latencies with a bare server's, and have it for themselves.
const shared = [
  { title: 'Server', files: findTests('test/server'), concurrency: 2, timeoutMs: 5 * minute },
  { title: 'Stock Prefect clients', needsPrefect: true, files: findTests('test/compat').filter((file) => !isHeavy(file)), concurrency: 1, timeoutMs: 15 * minute },
  { title: 'SDK', needsPrefect: true, needsProxies: true, files: findTests('test/sdk'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Results in S3', needsPrefectAws: true, files: findTests('test/s3'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Proxies', needsPrefect: true, needsProxies: true, files: findTests('test/proxies'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Command', needsPrefect: true, files: findTests('test/cli'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Differential', needsPrefect: true, files: findTests('test/differential'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Packages', needsPrefect: true, files: findTests('test/packages'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Fuzz', files: findTests('test/fuzz'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Simulation', files: findTests('test/simulation'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Units', files: findTests('packages'), concurrency: 1, timeoutMs: 2 * minute },
  { title: 'Structure and documents', files: findTests('test/repository'), concurrency: 1, timeoutMs: 2 * minute },
  { title: 'OpenAPI', needsPrefect: true, files: findTests('test/openapi'), concurrency: 1, timeoutMs: 5 * minute },
].map(prepared)
const alone = [
  { title: 'Heavy flows of stock clients', needsPrefect: true, files: findTests('test/compat').filter(isHeavy), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Faults', needsPrefect: true, files: findTests('test/faults'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Lifecycle', needsPrefect: true, needsFaketime: true, files: findTests('test/lifecycle'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'HTTP faults', needsPrefect: true, files: findTests('test/http'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Streams', needsPrefect: true, files: findTests('test/streams'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Streams with stock clients', needsPrefect: true, files: findTests('test/streams-stock'), concurrency: 1, timeoutMs: 10 * minute },
].map(prepared)
const groups = [...shared, ...alone]

function isHeavy(file) {
  return file.endsWith('heavy.test.ts')
}

function prepared(group) {
  return { ...group, files: chosen(group.files), timeoutMs: group.timeoutMs * (process.env.SPILLWAY_SOAK === '1' ? 6 : 1) }
}

if (groups.some((group) => group.needsPrefect && group.files.length > 0)) {
  console.log('Setting up the stock Prefect clients (the first time takes a minute or two)…')
  await ensurePrefect('3.8.8')
  await ensurePrefect('3.9.1')
  await ensureSchemathesis()
}
if (groups.some((group) => group.needsPrefectAws && group.files.length > 0)) await ensurePrefectAws()
if (groups.some((group) => group.needsFaketime && group.files.length > 0)) await ensureFaketime()
if (groups.some((group) => group.needsProxies && group.files.length > 0)) await ensureProxies()

if (wanted.length > 0 && groups.every((group) => group.files.length === 0)) console.log(`No test file has ${wanted.join(' or ')} in its path.`)
const totals = { passed: 0, failed: 0, skipped: 0 }

/** @param {(text: string | Buffer) => void} say */
async function runGroup({ title, files, concurrency, timeoutMs }, say) {
  say(`\n== ${title} (${files.length} files)\n`)
  const startedMs = performance.now()
  const counts = await runTests(files, { concurrency, timeoutMs, say })
  say(`== ${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${Math.round((performance.now() - startedMs) / 1000)} s\n`)
  for (const key of Object.keys(totals)) totals[key] += counts[key]
}

const waiting = shared.filter(({ files }) => files.length > 0)
/** A lane tells a group when it is over, so that two of them can be read. */
async function lane() {
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const told = []
    await runGroup(group, (text) => told.push(text))
    for (const text of told) process.stdout.write(text)
  }
}
const write = (text) => process.stdout.write(text)
if (waiting.length === 1) await runGroup(waiting[0], write)
else await Promise.all([lane(), lane()])
for (const group of alone.filter(({ files }) => files.length > 0)) await runGroup(group, write)

if (process.env.CI === 'true' && totals.skipped > 0) {
  console.log(`\nA skipped test is a failure in continuous integration: ${totals.skipped} skipped.`)
  totals.failed += totals.skipped
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0)
