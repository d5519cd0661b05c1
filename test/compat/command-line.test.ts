import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { collectCliOutput, compareCliOutput, readCliRecording } from './cli-output.ts'
import { lastLines } from './last-lines.ts'
import { startSpillway } from './spillway.ts'

describe('the stock command line', () => {
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
