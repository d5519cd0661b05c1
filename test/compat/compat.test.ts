import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { collectCliOutput, compareCliOutput, readCliRecording } from './cli-output.ts'
import { lastLines } from './last-lines.ts'
import { ordinaryScripts, runScript } from './scripts.ts'
import { startSpillway } from './spillway.ts'
import type { Target } from './target.ts'

/** The slowest first, so that the pairs end together. */
const slowFirst = ['schedule', 'deployments', 'worker', 'suspend_resume', 'failures', 'pause_resume', 'limits']

/** What a newer client does in other ways than an older one. */
const mainScripts = ['deployments', 'worker', 'task_runs', 'subflows', 'plain_flow', 'results', 'pause_resume', 'logs']

/** `flow-run ls` and its like list everything there is, so the command line has a server of its own. */
const alone = new Set(['cli'])

function inOrder(names: string[]): string[] {
  const rank = (name: string): number => (slowFirst.includes(name) ? slowFirst.indexOf(name) : slowFirst.length)
  return names.filter((name) => !alone.has(name)).sort((a, b) => rank(a) - rank(b))
}

function suite(version: string, names: string[]): void {
  describe(`the stock client ${version}`, { concurrency: 2 }, () => {
    let target: Target
    before(async () => {
      target = await startSpillway()
    })
    after(async () => {
      await target.stop()
    })
    for (const name of names) {
      test(`${name} runs as against Prefect`, async () => {
        const run = await runScript({ name, apiUrl: target.apiUrl, prefectVersion: version })
        const logs = `${lastLines(run.output, 80)}\n--- server ---\n${lastLines(target.output(), 20)}`
        assert.ok(run.ok, `${name} ended with ${run.exitCode}\n${logs}`)
      })
    }
  })
}

suite('3.8.8', inOrder(ordinaryScripts()))
suite('3.9.1', inOrder(mainScripts))

describe('the stock command line', { concurrency: 2 }, () => {
  for (const version of ['3.8.8', '3.9.1']) {
    test(`prefect ${version} prints what it prints against Prefect`, async () => {
      const expected = readCliRecording(version)
      assert.ok(expected, `there is no recording: run node test/compat/record-cli.mjs ${version}`)
      const target = await startSpillway()
      try {
        const { run, printed } = await collectCliOutput(target.apiUrl, version)
        assert.ok(run.ok, lastLines(run.output, 80))
        assert.deepEqual(compareCliOutput(expected, printed), [], 'lines that differ')
      } finally {
        await target.stop()
      }
    })
  }
})
