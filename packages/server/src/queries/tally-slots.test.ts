import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { piecesBetween, roundEdges, slotMoves } from './tally-slots.ts'

const minuteUs = 60_000_000
const dayUs = 86_400_000_000

const someTimeUs = fc
  .record({ atUs: fc.integer({ min: -5 * dayUs, max: 5 * dayUs }), whole: fc.constantFrom(1, minuteUs, 30 * minuteUs, 360 * minuteUs) })
  .map(({ atUs, whole }) => atUs - (atUs % whole))

test('the pieces between two times hold each moment between them once and no other one', () => {
  const ends = [fc.oneof(someTimeUs, fc.constant(-Infinity)), fc.oneof(someTimeUs, fc.constant(Infinity))] as const
  fc.assert(fc.property(...ends, fc.array(someTimeUs), (fromUs, toUs, times) => {
    const pieces = piecesBetween(fromUs, toUs)
    const edges = [fromUs, toUs].filter(Number.isFinite)
    for (const atUs of [...times, ...edges, ...edges.map((edgeUs) => edgeUs - 1)]) {
      const held = pieces.filter(({ minutes, from, to }) => {
        const place = minutes === undefined ? atUs : minutes === 0 ? 0 : Math.floor(atUs / (minutes * minuteUs))
        return place >= from && place < to
      })
      assert.equal(held.reduce((sum, { sign }) => sum + sign, 0), atUs >= fromUs && atUs < toUs ? 1 : 0)
    }
  }), { numRuns: 1_000 })
})

test('an edge costs at most half of the slots that make the next longer one', () => {
  fc.assert(fc.property(someTimeUs, (edgeUs) => {
    const lengths = roundEdges([edgeUs], Infinity)
    assert.deepEqual(lengths.map(({ minutes }) => minutes), [360, 60, 10, 1])
    for (const [index, shorter] of lengths.entries()) {
      const longer = lengths[index - 1]
      if (longer) for (const { from, to } of slotMoves(longer, shorter)) assert.ok(to - from <= longer.minutes / shorter.minutes / 2)
    }
  }))
})

test('slots are no longer than the buckets that they fill', () => {
  assert.equal(roundEdges([0, 3600e6], 3600e6)[0]!.minutes, 60)
  assert.equal(roundEdges([0, 3599e6], 3599e6)[0]!.minutes, 10)
  assert.equal(roundEdges([0, 1], 1)[0]!.minutes, 1)
})
