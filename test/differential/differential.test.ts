import assert from 'node:assert/strict'
import test from 'node:test'
import { startSpillway } from '../compat/spillway.ts'
import { explain, judge } from './judge.ts'
import { callLists } from './lists.ts'
import { readRecording } from './recording.ts'
import { commonSettings, runList, spillwaySettings } from './run.ts'

const version = '3.8.8'

// Each list has a server of its own: what one list leaves behind would change the counts of the next.
for (const list of callLists) {
  test(`${list.name}: Spillway answers ${list.calls.length} calls as Prefect ${version} did`, async () => {
    const recording = readRecording(version, list.name)
    assert.ok(recording, `there is no recording: run node test/differential/record.mjs ${list.name}`)
    const target = await startSpillway({ env: { ...commonSettings, ...spillwaySettings, ...list.env } })
    try {
      const verdict = judge(list, recording, await runList(list, target.apiUrl))
      assert.equal(verdict.unexplained.length, 0, `\n${explain(verdict)}`)
    } finally {
      await target.stop()
    }
  })
}
