// Runs test files with node:test, file by file or side by side, and adds up what they report.
import { spawn } from 'node:child_process'
import { pinnedNode, root } from './set-up/dependencies.mjs'

/**
 * @param {string[]} files
 * @param {{concurrency: number, timeoutMs: number}} options
 * @returns {Promise<{passed: number, failed: number, skipped: number}>}
 */
export async function runTests(files, { concurrency, timeoutMs }) {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 }
  const child = spawn(
    pinnedNode(),
    [
      '--conditions=spillway-source',
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${timeoutMs}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      ...files,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, FORCE_COLOR: '0', NODE_NO_WARNINGS: '1' } },
  )
  const counts = { passed: 0, failed: 0, skipped: 0 }
  let tail = ''
  child.stdout.on('data', (data) => {
    process.stdout.write(data)
    tail = (tail + data).slice(-4_000)
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  const number = (name) => Number(new RegExp(`^ℹ ${name} (\\d+)`, 'm').exec(tail)?.[1] ?? 0)
  counts.passed = number('pass')
  counts.failed = number('fail') + number('cancelled')
  counts.skipped = number('skipped') + number('todo')
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}
