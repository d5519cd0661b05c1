import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { FlowRunProcess, withoutPort } from './flow-run-process.ts'

test('debugger options of the runner reach its runs, without the port that only one process can have', () => {
  const cases = [
    ['--inspect', '--inspect=0'],
    ['--inspect=9230', '--inspect=0'],
    ['--inspect-brk=127.0.0.1:9230', '--inspect-brk=127.0.0.1:0'],
    ['--inspect-wait', '--inspect-wait=0'],
    ['--inspect=localhost', '--inspect=localhost:0'],
    ['--conditions=inspect', '--conditions=inspect'],
    ['--max-old-space-size=96', '--max-old-space-size=96'],
  ] as const
  for (const [given, expected] of cases) assert.equal(withoutPort(given), expected)
})

test('two runs that are debugged at once listen at different ports', async () => {
  const ports = await Promise.all(Array.from({ length: 2 }, async () => {
    const lines: string[] = []
    // It ends by itself: there is no API to ask for its run.
    const run = new FlowRunProcess({
      flowRunId: 'none', env: { NODE_OPTIONS: '--inspect=127.0.0.1:9229', PREFECT_API_URL: '', PREFECT_HOME: '/nowhere' }, onLine: (line) => lines.push(line), onMessage: () => {},
    })
    await run.exited
    return lines.map((line) => /Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]).find((port) => port !== undefined)
  }))
  assert.equal(new Set(ports).size, 2, String(ports))
  assert.ok(!ports.includes(undefined) && !ports.includes('9229'), String(ports))
})

test('a command that is given no folder starts in an empty one, which is gone with it', async () => {
  const lines: string[] = []
  const run = new FlowRunProcess({ flowRunId: 'none', command: 'pwd; ls -A; touch fetched', env: {}, onLine: (line) => lines.push(line), onMessage: () => {} })
  assert.equal((await run.exited).code, 0)
  assert.equal(lines.length, 1, String(lines))
  assert.ok(path.basename(lines[0]!).startsWith('spillway-run-') && !existsSync(lines[0]!), lines[0])
})
