// `npm run check`: the fast inner loop. Types, lint, structure, generated files, unit tests.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureDependencies, root } from './set-up/dependencies.mjs'

ensureDependencies()
const { findTests } = await import('./find-tests.mjs')
const { runTests } = await import('./test-run.mjs')

const bin = (name) => join(root, 'node_modules', '.bin', name)
const steps = [
  ['types', bin('tsc'), ['-p', '.', '--noEmit']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings', 'packages', 'test', 'bench', 'scripts', 'examples']],
  ['unused code', bin('knip'), []],
]
for (const [title, command, args] of steps) {
  const startedMs = performance.now()
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (result.status !== 0) {
    console.error(`check: ${title} failed`)
    process.exit(1)
  }
  console.log(`check: ${title} ok (${Math.round(performance.now() - startedMs)} ms)`)
}
const counts = await runTests([...findTests('packages'), ...findTests('test/repository')], { concurrency: 2, timeoutMs: 300_000 })
if (process.env.CI === 'true') counts.failed += counts.skipped
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
