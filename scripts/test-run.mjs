// Runs test files with node:test, file by file or side by side, and adds up what they report.
import { spawn } from 'node:child_process'
import { compileCache } from './set-up/compile-cache.mjs'
import { pinnedNode, root } from './set-up/dependencies.mjs'

const cache = compileCache()

/**
 * @param {string[]} files
 * @param {{concurrency: number, timeoutMs: number, say?: (text: string | Buffer) => void}} options `say` gets what the tests print
 * @returns {Promise<{passed: number, failed: number, skipped: number}>}
 */
export async function runTests(files, { concurrency, timeoutMs, say = (text) => process.stdout.write(text) }) {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 }
  const env = { ...process.env, NO_COLOR: '1', NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: cache }
  // Whatever it is set to, the stock command takes it for a terminal that can answer questions.
  delete env.FORCE_COLOR
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
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env },
  )
  const counts = { passed: 0, failed: 0, skipped: 0 }
  let rest = ''
  const totals = new Map()
  child.stderr.on('data', (data) => say(data))
  child.stdout.on('data', (data) => {
    say(data)
    const lines = (rest + data).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const total = /^ℹ (\w+) (\d+)$/.exec(line)
      if (total) totals.set(total[1], Number(total[2]))
    }
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  const number = (name) => totals.get(name) ?? 0
  counts.passed = number('pass')
  counts.failed = number('fail') + number('cancelled')
  counts.skipped = number('skipped') + number('todo')
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}
