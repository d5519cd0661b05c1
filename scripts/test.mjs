// `npm test`: does all its set-up, runs the whole suite with real parts, and ends with one line of totals.
// `npm test -- name` runs only the files whose path contains the name.
import { ensureDependencies } from './set-up/dependencies.mjs'

ensureDependencies()
const { ensurePrefect, ensureSchemathesis } = await import('./set-up/prefect.mjs')
const { ensureFaketime } = await import('./set-up/faketime.mjs')
const { ensureProxies } = await import('./set-up/proxies.mjs')
const { findTests } = await import('./find-tests.mjs')
const { runTests } = await import('./test-run.mjs')

const wanted = process.argv.slice(2)
const chosen = (files) => (wanted.length === 0 ? files : files.filter((file) => wanted.some((name) => file.includes(name))))
const minute = 60_000

// Units side by side; what starts servers and Python processes one file after the other, or two cores thrash.
const groups = [
  { title: 'Units', files: [...findTests('packages')], concurrency: 2, timeoutMs: 2 * minute },
  { title: 'Structure and documents', files: findTests('test/repository'), concurrency: 2, timeoutMs: 2 * minute },
  { title: 'Simulation', files: findTests('test/simulation'), concurrency: 2, timeoutMs: 5 * minute },
  { title: 'Server', files: findTests('test/server'), concurrency: 2, timeoutMs: 5 * minute },
  { title: 'SDK', needsPrefect: true, files: findTests('test/sdk'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Packages', needsPrefect: true, files: findTests('test/packages'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Command', files: findTests('test/cli'), concurrency: 2, timeoutMs: 5 * minute },
  { title: 'OpenAPI', needsPrefect: true, files: findTests('test/openapi'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Differential', needsPrefect: true, files: findTests('test/differential'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Fuzz', files: findTests('test/fuzz'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Faults', needsPrefect: true, files: findTests('test/faults'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'HTTP faults', needsPrefect: true, files: findTests('test/http'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Lifecycle', needsPrefect: true, needsFaketime: true, files: findTests('test/lifecycle'), concurrency: 1, timeoutMs: 5 * minute },
  { title: 'Streams', needsPrefect: true, files: findTests('test/streams'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Streams with stock clients', needsPrefect: true, files: findTests('test/streams-stock'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Proxies', needsPrefect: true, needsProxies: true, files: findTests('test/proxies'), concurrency: 1, timeoutMs: 10 * minute },
  { title: 'Stock Prefect clients', needsPrefect: true, files: findTests('test/compat'), concurrency: 1, timeoutMs: 15 * minute },
].map((group) => ({ ...group, files: chosen(group.files), timeoutMs: group.timeoutMs * (process.env.SPILLWAY_SOAK === '1' ? 6 : 1) }))

if (groups.some((group) => group.needsPrefect && group.files.length > 0)) {
  console.log('Setting up the stock Prefect clients (the first time takes a minute or two)…')
  await ensurePrefect('3.8.8')
  await ensurePrefect('3.9.1')
  await ensureSchemathesis()
}
if (groups.some((group) => group.needsFaketime && group.files.length > 0)) await ensureFaketime()
if (groups.some((group) => group.needsProxies && group.files.length > 0)) await ensureProxies()

if (wanted.length > 0 && groups.every((group) => group.files.length === 0)) console.log(`No test file has ${wanted.join(' or ')} in its path.`)
const totals = { passed: 0, failed: 0, skipped: 0 }
for (const { title, files, concurrency, timeoutMs } of groups) {
  if (files.length === 0) continue
  console.log(`\n== ${title} (${files.length} files)`)
  const startedMs = performance.now()
  const counts = await runTests(files, { concurrency, timeoutMs })
  console.log(`== ${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${Math.round((performance.now() - startedMs) / 1000)} s`)
  for (const key of Object.keys(totals)) totals[key] += counts[key]
}
if (process.env.CI === 'true' && totals.skipped > 0) {
  console.log(`\nA skipped test is a failure in continuous integration: ${totals.skipped} skipped.`)
  totals.failed += totals.skipped
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0)
