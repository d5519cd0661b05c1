/** Code of one request fails where nothing catches it (C13). */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../faults/eventually.ts'
import { temporaryFolder } from '../server/server-process.ts'

const partFile = fileURLToPath(new URL('./parts/faulty-server.ts', import.meta.url))

async function startFaultyServer(t: { after(work: () => unknown): void }) {
  const child = spawn(process.execPath, ['--conditions=spillway-source', partFile], {
    env: { PATH: process.env['PATH'], SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_LOGGING_LEVEL: 'ERROR' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'exit') as Promise<[number | null]>
  t.after(async () => {
    child.kill('SIGKILL')
    await exit
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  await eventually(() => stdout.includes('Ctrl-C stops it.') || child.exitCode !== null, 'the server to start', 30)
  const url = /Spillway is running at (\S+)/.exec(stdout)?.[1]
  assert.ok(url, stderr)
  return { url, exit, lines: () => stderr.trim().split('\n').filter(Boolean) }
}

async function strays(url: string): Promise<number> {
  const text = await (await fetch(`${url}/api/metrics`)).text()
  return [...text.matchAll(/^spillway_stray_errors_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

test('whatever a handler throws, and wherever: its request gets a 500, there is one line in the log, and everybody else is served', async (t) => {
  const server = await startFaultyServer(t)
  const cases = [
    ['throws', 500, 'thrown at once', 0],
    ['rejects', 500, 'thrown later', 0],
    ['throws-in-timer', 500, 'thrown in a timer', 1],
    ['throws-in-listener', 500, 'thrown in a listener', 1],
    ['leaves-a-promise', 500, 'a promise that nobody awaits', 1],
    ['throws-after-answer', 200, 'thrown after the answer', 1],
    ['throws-what-is-no-error', 500, 'a text', 0],
  ] as const
  let stray = 0
  for (const [name, status, words, strayErrors] of cases) {
    await t.test(name, async () => {
      // Somebody else's request, which takes as long as the failing one.
      const other = fetch(`${server.url}/api/flows/filter`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
      const answer = await fetch(`${server.url}/api/faults/${name}`, { signal: AbortSignal.timeout(10_000) })
      assert.equal(answer.status, status)
      await answer.text()
      assert.equal((await other).status, 200)
      const told = (): string[] => server.lines().filter((line) => line.includes(words))
      await eventually(() => told().length > 0, 'a line in the log')
      stray += strayErrors
      await eventually(async () => (await strays(server.url)) === stray, 'the count')
      assert.equal(told().length, 1)
      assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
    })
  }
})

test('a broken assertion ends the process: it drains, and tells with its exit code that it ended by itself', async (t) => {
  const server = await startFaultyServer(t)
  const answer = await fetch(`${server.url}/api/faults/breaks-an-assertion`, { signal: AbortSignal.timeout(10_000) })
  assert.equal(answer.status, 500)
  const [code] = await server.exit
  assert.equal(code, 70)
  assert.equal(server.lines().filter((line) => line.includes('a broken assertion')).length, 1)
})
