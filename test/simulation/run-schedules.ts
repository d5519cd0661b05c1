import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Schedule } from './world.ts'

const part = fileURLToPath(new URL('parts/schedules.ts', import.meta.url))
/** Of both modes together. */
const inAll = Number(process.env['SPILLWAY_SCHEDULES'] ?? (process.env['SPILLWAY_SOAK'] === '1' ? 100_000 : 10_000))

/** Runs this run's share of schedules in a mode; fails with the seed of the one that failed. */
export async function runSchedules(t: TestContext, mode: Schedule['mode']): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=spillway-source', '--disable-warning=ExperimentalWarning', part, mode, String(Math.ceil(inAll / 2))], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  assert.equal(code, 0, output)
  t.diagnostic(output.trim())
}
