import assert from 'node:assert/strict'
import test from 'node:test'
import { catchUpFault, readCatchUp, whySkipped, type CatchUpMode } from './catch-up.ts'

const dueUs = Date.UTC(2026, 0, 1) * 1000
const graceSeconds = 30

function isSkipped(mode: CatchUpMode, given: { maxLateSeconds?: number; lateSeconds: number; isNewerDue?: boolean }): boolean {
  const { maxLateSeconds = null, lateSeconds, isNewerDue = false } = given
  return whySkipped({ mode, maxLateSeconds }, { dueUs, isNewerDue }, dueUs + lateSeconds * 1e6, graceSeconds) !== null
}

test('every late run starts where nothing else is said, however late', () => {
  assert.equal(isSkipped('all', { lateSeconds: 1e6, isNewerDue: true }), false)
  assert.deepEqual(readCatchUp({ 'prefect.flow.id': 'x' }), { mode: 'all', maxLateSeconds: null })
})

test('of the latest only, a run starts until a newer one of its schedule is due', () => {
  assert.equal(isSkipped('latest', { lateSeconds: 1e6 }), false)
  assert.equal(isSkipped('latest', { lateSeconds: 1, isNewerDue: true }), true)
})

test('a run is let go once it is later than it may be, and not at that very moment', () => {
  for (const mode of ['all', 'latest', 'skip'] as const) {
    assert.equal(isSkipped(mode, { maxLateSeconds: 600, lateSeconds: 600 }), false)
    assert.equal(isSkipped(mode, { maxLateSeconds: 600, lateSeconds: 601 }), true)
  }
  assert.equal(isSkipped('all', { maxLateSeconds: 0, lateSeconds: 0.5 }), true)
})

test('where late runs are skipped, a short grace covers the time between polls', () => {
  assert.equal(isSkipped('skip', { lateSeconds: 30 }), false)
  assert.equal(isSkipped('skip', { lateSeconds: 31 }), true)
})

test('a skipped run says when it was due and why it did not start', () => {
  const late = (mode: CatchUpMode, maxLateSeconds: number | null, isNewerDue = false) =>
    whySkipped({ mode, maxLateSeconds }, { dueUs, isNewerDue }, dueUs + 7200e6, graceSeconds)
  assert.equal(
    late('latest', null, true),
    'Due 2026-01-01T00:00:00Z; a newer run of the schedule was due, and the deployment catches up with the latest only.',
  )
  assert.match(late('skip', null)!, /^Due 2026-01-01T00:00:00Z, and not taken .* within 30 s; the deployment does not catch up/)
  assert.match(late('all', 600)!, /within 600 s; the deployment starts no run later than that\.$/)
})

test('labels are read as numbers and as texts, and those that say nothing sensible are told', () => {
  const labels = { 'spillway.catch-up': 'latest', 'spillway.max-late-seconds': '600' }
  assert.deepEqual(readCatchUp(labels), { mode: 'latest', maxLateSeconds: 600 })
  assert.equal(catchUpFault(labels), null)
  assert.equal(catchUpFault({ 'spillway.max-late-seconds': 0.5 }), null)
  assert.equal(catchUpFault({}), null)
  assert.match(catchUpFault({ 'spillway.catch-up': 'newest' })!, /all, latest, skip, not "newest"/)
  for (const value of ['soon', '', -1, true]) {
    assert.match(catchUpFault({ 'spillway.max-late-seconds': value })!, /number of seconds/)
    assert.equal(readCatchUp({ 'spillway.max-late-seconds': value }).maxLateSeconds, null)
  }
})
