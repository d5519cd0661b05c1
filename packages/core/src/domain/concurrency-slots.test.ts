import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { clampedPoissonInterval, releaseSlots, slotsNow, takeSlots, type SlotLimit } from './concurrency-slots.ts'

const T0 = 1_800_000_000_000_000
const after = (seconds: number) => T0 + seconds * 1_000_000

const limit = (changes: Partial<SlotLimit> = {}): SlotLimit => ({
  name: 'database',
  limit: 2,
  active: true,
  activeSlots: 0,
  deniedSlots: 0,
  slotDecayPerSecond: 0,
  avgSlotOccupancySeconds: 2,
  updatedUs: T0,
  ...changes,
})

test('slots are taken of all limits or of none', () => {
  const free = limit()
  const full = limit({ name: 'api', activeSlots: 2 })
  assert.equal(takeSlots([free], 2, T0).kind, 'acquired')
  const both = takeSlots([free, full], 1, T0)
  assert.equal(both.kind, 'denied')
  assert.deepEqual(
    both.changes.map((change) => [change?.activeSlots, change?.deniedSlots]),
    [
      [0, 1],
      [2, 1],
    ],
  )
})

test('an inactive limit lets everything pass and is not counted', () => {
  const decision = takeSlots([limit({ active: false, activeSlots: 2 }), limit()], 1, T0)
  assert.equal(decision.kind, 'acquired')
  assert.equal(decision.changes[0], undefined)
})

test('slots of a rate come back by whole slots, and the part of one is kept', () => {
  const rate = limit({ limit: 10, activeSlots: 10, slotDecayPerSecond: 2 })
  assert.equal(slotsNow(rate, after(0.49)).activeSlots, 10)
  assert.equal(slotsNow(rate, after(1.75)).activeSlots, 7)
  assert.equal(slotsNow(rate, after(1.75)).updatedUs, after(1.5))
  assert.deepEqual(slotsNow(rate, after(100)), { activeSlots: 0, deniedSlots: 0, updatedUs: after(100) })
})

test('being refused often does not keep a rate from decaying', () => {
  let rate = limit({ limit: 1, activeSlots: 1, slotDecayPerSecond: 1 })
  let tries = 0
  for (let seconds = 0.3; ; seconds += 0.3) {
    tries++
    const decision = takeSlots([rate], 1, after(seconds))
    rate = { ...rate, ...decision.changes[0] }
    if (decision.kind === 'acquired') break
    assert.ok(tries < 10)
  }
  assert.equal(tries, 4)
})

test('the wait after a refusal follows the limit with the longest line', () => {
  const cases: [SlotLimit[], number, number][] = [
    [[limit({ activeSlots: 2 })], 1, 1],
    [[limit({ activeSlots: 2, deniedSlots: 3 })], 1, 4],
    [[limit({ activeSlots: 2, deniedSlots: 300 })], 1, 30],
    [[limit({ activeSlots: 2, avgSlotOccupancySeconds: 500 })], 1, 15],
    [[limit({ name: 'tag:a', activeSlots: 2, deniedSlots: 300 })], 1, 10],
    [[limit({ activeSlots: 2, slotDecayPerSecond: 0.5, deniedSlots: 3 })], 1, 8],
    [[limit({ activeSlots: 2 }), limit({ limit: 1, activeSlots: 1, avgSlotOccupancySeconds: 5 })], 1, 5],
  ]
  for (const [limits, slots, want] of cases) {
    const decision = takeSlots(limits, slots, T0)
    assert.ok(decision.kind === 'denied')
    assert.equal(decision.averageWaitSeconds, want, JSON.stringify(limits))
  }
})

test('denied slots of a limit without decay fade with its average occupancy', () => {
  const line = limit({ deniedSlots: 5 })
  assert.equal(slotsNow(line, after(3.9)).deniedSlots, 4)
  assert.equal(slotsNow(line, after(3.9)).updatedUs, after(2))
  assert.equal(slotsNow(limit({ deniedSlots: 5, avgSlotOccupancySeconds: 500 }), after(60)).deniedSlots, 3)
  assert.equal(slotsNow(limit({ activeSlots: 2 }), after(1000)).activeSlots, 2)
})

test('slots that are given back move the average occupancy', () => {
  const held = limit({ activeSlots: 2 })
  assert.deepEqual(releaseSlots(held, 1, T0, 6), {
    activeSlots: 1,
    deniedSlots: 0,
    updatedUs: T0,
    avgSlotOccupancySeconds: 3,
  })
  assert.equal(releaseSlots(held, 1, T0, 0.01).avgSlotOccupancySeconds, 2 + (0.1 - 2) / 4)
  assert.equal(releaseSlots(held, 5, T0).activeSlots, 0)
  assert.equal(releaseSlots(limit({ limit: 0 }), 1, T0, 5).avgSlotOccupancySeconds, 2)
})

test('random waits stay around the average', () => {
  const near = (value: number, want: number) => assert.ok(Math.abs(value - want) < 1e-6, `${value}`)
  near(
    clampedPoissonInterval(10, () => 0),
    7.517717039771911,
  )
  near(
    clampedPoissonInterval(10, () => 0.5),
    9.887778354591742,
  )
  near(
    clampedPoissonInterval(10, () => 1),
    13,
  )
  assert.equal(clampedPoissonInterval(0, Math.random), 0)
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (average, drawn) => {
        const wait = clampedPoissonInterval(average, () => drawn)
        assert.ok(wait >= average * 0.75 && wait <= average * 1.3 + 1e-9)
      },
    ),
  )
})
