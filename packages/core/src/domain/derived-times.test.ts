import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimatedRunTimeSeconds, latenessSeconds, type RunTimes } from './derived-times.ts'
import { NOW_US, seconds } from './facts.fixture.ts'

const times: RunTimes = {
  stateType: 'RUNNING', stateTimestampUs: NOW_US - seconds(4), totalRunTimeSeconds: 1.5,
  expectedStartTimeUs: NOW_US - seconds(9), startTimeUs: NOW_US - seconds(7),
}

test('the run time goes on while the run does', () => {
  assert.equal(estimatedRunTimeSeconds(times, NOW_US), 5.5)
  assert.equal(estimatedRunTimeSeconds({ ...times, stateType: 'COMPLETED' }, NOW_US), 1.5)
})

test('a run is late by what its start was behind, or is by now', () => {
  for (const [change, want] of [
    [{}, 2],
    [{ startTimeUs: NOW_US - seconds(10) }, 0],
    [{ startTimeUs: null, stateType: 'SCHEDULED' }, 9],
    [{ startTimeUs: null, stateType: 'SCHEDULED', expectedStartTimeUs: NOW_US + seconds(5) }, 0],
    [{ startTimeUs: null, stateType: 'CANCELLED' }, 0],
    [{ startTimeUs: null, stateType: null }, 9],
    [{ expectedStartTimeUs: null }, 0],
  ] as const) {
    assert.equal(latenessSeconds({ ...times, ...change }, NOW_US), want, JSON.stringify(change))
  }
})
