import { spreadSeconds } from './retry-delay.ts'
import { ANY_ORIGIN, PASS, type Verdict } from './transition.ts'
import type {
  LegacyTagLimitFacts, TagLimitFacts, TaskRunEffect, TaskRunFacts, TaskRunFactsRun, TaskRunRule, TaskRunStep,
} from './task-run-facts.ts'

/** Slots of tags are held for as long as the task runs; a lease that never ends says so. */
const TAG_LEASE_SECONDS = 100 * 365 * 86_400

/** A waiting run comes back about when a slot is likely to be free; the spread keeps a crowd from coming at once. */
const WAIT_SPREAD = 0.3

/** A task run starts only when each of its tags that has a limit has a free slot; then it takes all of them. */
export const secureTagSlots: TaskRunRule = {
  name: 'secure-tag-slots',
  from: ANY_ORIGIN,
  to: ['RUNNING'],
  judge(_, facts) {
    const { run, settings } = facts
    const active = facts.tagLimits.filter((limit) => limit.active)
    const legacy = legacyLimits(facts)
    const closed = [...active, ...legacy].find((limit) => limit.limit === 0)
    if (closed) {
      const what = `The concurrency limit on tag "${closed.tag}" is 0`
      return { kind: 'abort', reason: `${what} and will deadlock if the task tries to run again.` }
    }
    // A run that starts once more goes on in the slots it has, or it would wait for itself.
    const held = new Set(facts.leases.flatMap((lease) => lease.limitIds))
    const wanted = active.filter((limit) => !held.has(limit.id))
    if (wanted.some((limit) => limit.activeSlots + 1 > limit.limit)) return waitForTags(wanted, facts)
    const wantedLegacy = legacy.filter((limit) => !limit.activeSlots.includes(run.id))
    const full = wantedLegacy.find((limit) => limit.activeSlots.length >= limit.limit)
    if (full) {
      const reason = `Concurrency limit for the ${full.tag} tag has been reached`
      return { kind: 'wait', delaySeconds: Math.trunc(settings.tagSlotWaitSeconds), reason }
    }
    const effects: TaskRunEffect[] = []
    if (wanted.length > 0) {
      effects.push({
        kind: 'acquire-tag-slots',
        limitIds: wanted.map((limit) => limit.id),
        leaseId: facts.newId(),
        leaseSeconds: TAG_LEASE_SECONDS,
        holder: { type: 'task_run', id: run.id },
      })
    }
    if (wantedLegacy.length > 0) {
      const limitIds = wantedLegacy.map((limit) => limit.id)
      effects.push({ kind: 'take-legacy-tag-slots', limitIds, taskRunId: run.id })
    }
    return effects.length > 0 ? { kind: 'pass', effects } : PASS
  },
}

/** Gives the slots back as soon as the run neither runs nor is being cancelled. */
export const releaseTagSlots: TaskRunStep = {
  name: 'release-tag-slots',
  always: true,
  after({ written }, { run, leases, legacyTagLimits }) {
    if (!written || written.type === 'RUNNING' || written.type === 'CANCELLING') return {}
    const effects: TaskRunEffect[] = leases.map(({ id, slots, limitIds }) => ({
      kind: 'release-slots', limitIds, slots, leaseId: id,
    }))
    const limitIds = legacyTagLimits.filter((limit) => limit.activeSlots.includes(run.id)).map((limit) => limit.id)
    if (limitIds.length > 0) effects.push({ kind: 'free-legacy-tag-slots', limitIds, taskRunId: run.id })
    return { effects }
  },
}

function legacyLimits(facts: TaskRunFacts): LegacyTagLimitFacts[] {
  const current = new Set(facts.tagLimits.map((limit) => limit.tag))
  return facts.legacyTagLimits.filter((limit) => !current.has(limit.tag))
}

function waitForTags(wanted: TagLimitFacts[], facts: TaskRunFacts): Verdict<TaskRunFactsRun, TaskRunEffect> {
  const longest = facts.settings.tagSlotWaitSeconds
  const fullest = wanted.reduce((a, b) => (b.activeSlots / b.limit > a.activeSlots / a.limit ? b : a))
  const average = Math.min(fullest.avgSlotOccupancySeconds || longest, longest)
  return {
    kind: 'wait',
    delaySeconds: Math.round(spreadSeconds(average, WAIT_SPREAD, facts.random)),
    reason: `Concurrency limit reached for tags: ${wanted.map((limit) => limit.tag).join(', ')}`,
  }
}
