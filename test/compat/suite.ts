import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { lastLines } from './last-lines.ts'
import { runScript } from './scripts.ts'
import { startSpillway } from './spillway.ts'
import type { Target } from './target.ts'

/** Runs scripts of flows/ with one version of the stock client against one server, one after the other: other files run beside them. */
export function describeClient(version: string, names: readonly string[]): void {
  describe(`the stock client ${version}`, () => {
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
