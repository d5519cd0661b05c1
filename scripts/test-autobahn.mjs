// `npm run test:autobahn`: the Autobahn suite judges the server's websockets. About half a minute; needs a Python 2.7.
import { ensureDependencies } from './set-up/dependencies.mjs'

ensureDependencies()
const { ensureAutobahn } = await import('./set-up/autobahn.mjs')
const { findTests } = await import('./find-tests.mjs')
const { runTests } = await import('./test-run.mjs')

try {
  await ensureAutobahn()
} catch (error) {
  console.error(`\nNOT RUN: the Autobahn suite. ${error.message}\n`)
  // What cannot run is a failure in continuous integration, and said aloud elsewhere.
  process.exit(process.env.CI === 'true' ? 1 : 0)
}
const counts = await runTests(findTests('test/autobahn'), { concurrency: 1, timeoutMs: 5 * 60_000 })
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0)
