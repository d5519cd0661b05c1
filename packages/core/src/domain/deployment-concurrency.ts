import { formatIso } from '../wire/time.ts'
import { versionAtLeast } from './client-version.ts'
import type { DeploymentFacts, FlowRunEffect, FlowRunFacts, FlowRunRule, FlowRunStep } from './flow-run-facts.ts'
import { STATE_TYPES, type State, type StateType } from './state.ts'
import { PASS, type Origin } from './transition.ts'

/** Early 3.0 clients take no part in deployment concurrency: they cannot handle what a full limit answers. */
const CLIENTS_WITHOUT_SLOTS = new Set(['3.0.0rc20', '3.0.0', '3.0.1', '3.0.2', '3.0.3'])

/** From this version on clients renew the lease of their run themselves. */
const FIRST_CLIENT_RENEWING_LEASES = '3.4.11'

const HOLDING_TYPES: readonly Origin[] = ['PENDING', 'RUNNING', 'CANCELLING']

const LIMIT_REACHED = 'Deployment concurrency limit reached.'
const SLOT_LOST =
  'Deployment concurrency slot lost during provisioning - no slots available to continue execution'

/** A lease once given stays with the run until its slot is released. */
export const preserveLeaseId: FlowRunStep = {
  name: 'preserve-lease-id',
  always: true,
  before({ initial, proposed }) {
    const leaseId = leaseIdOf(initial)
    return leaseId && !leaseIdOf(proposed) ? { details: { deployment_concurrency_lease_id: leaseId } } : {}
  },
}

/** On the way into PENDING a run takes a slot of its deployment, waits for one, or is cancelled. */
export const secureDeploymentSlot: FlowRunRule = {
  name: 'secure-deployment-slot',
  from: [null, ...STATE_TYPES.filter((type) => !HOLDING_TYPES.includes(type))],
  to: ['PENDING'],
  judge(_, facts) {
    const { run, deployment, clientVersion, nowUs, settings } = facts
    if (!run.deploymentId || !deployment) return PASS
    if (clientVersion !== null && CLIENTS_WITHOUT_SLOTS.has(clientVersion)) return PASS
    if (!deployment.found) return { kind: 'abort', reason: 'Deployment not found.' }
    if (!deployment.limit) return PASS
    if (deployment.limit.limit === 0) {
      const reason = 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.'
      return { kind: 'abort', reason }
    }
    if (hasFreeSlot(deployment)) return { kind: 'pass', ...acquired(deployment, facts) }
    if (deployment.collisionStrategy === 'CANCEL_NEW') {
      return { kind: 'reject', state: { type: 'CANCELLED', message: LIMIT_REACHED }, reason: LIMIT_REACHED }
    }
    const scheduledTime = formatIso(nowUs + Math.round(settings.slotWaitSeconds * 1e6))
    return {
      kind: 'reject',
      state: { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot', details: { scheduled_time: scheduledTime } },
      reason: LIMIT_REACHED,
    }
  },
}

/** Provisioning may take longer than the lease lasts: at the start it is renewed, or the slot taken once more. */
export const keepSlotAtStart: FlowRunRule = {
  name: 'keep-deployment-slot-at-start',
  from: ['PENDING'],
  to: ['RUNNING'],
  judge({ initial }, facts) {
    const leaseId = leaseIdOf(initial)
    if (!leaseId) return PASS
    const details = { deployment_concurrency_lease_id: leaseId }
    const { deployment } = facts
    if (!renewsLeases(facts) || !facts.run.deploymentId || !deployment?.limit) return { kind: 'pass', details }
    if (facts.lease?.id === leaseId && facts.lease.found) {
      const renewal: FlowRunEffect = { kind: 'renew-lease', leaseId, leaseSeconds: leaseSeconds(deployment, facts) }
      return { kind: 'pass', details, effects: [renewal] }
    }
    if (hasFreeSlot(deployment)) return { kind: 'pass', ...acquired(deployment, facts) }
    return {
      kind: 'reject',
      state: { type: 'CANCELLED', message: SLOT_LOST },
      reason: 'Deployment concurrency limit reached after lease expiry.',
    }
  },
}

/** Nobody would renew the lease of an old client, so it is made to last until the run ends. */
const LASTING_LEASE_SECONDS = 100 * 365 * 86_400

export const lastingLeaseOfOldClient: FlowRunRule = {
  name: 'lasting-lease-of-old-client',
  from: ['PENDING'],
  to: ['RUNNING', 'CANCELLING'],
  after({ initial }, facts) {
    const leaseId = leaseIdOf(initial)
    if (!leaseId || renewsLeases(facts)) return {}
    return { effects: [{ kind: 'renew-lease', leaseId, leaseSeconds: LASTING_LEASE_SECONDS }] }
  },
}

/**
 * Gives the slot back when the run no longer needs one. A run without a lease holds none: it never took one, or its lease
 * has run out, and then the slot went back with the lease and may be another run's by now.
 */
export const releaseDeploymentSlots: FlowRunStep = {
  name: 'release-deployment-slots',
  always: true,
  after({ status, initial, written }, { lease }) {
    if (!lease?.found || !initial || !written) return {}
    if (!HOLDING_TYPES.includes(initial.type) || HOLDING_TYPES.includes(written.type)) return {}
    // A retry in the same process goes on in its slot.
    if (status === 'REJECT' && written.name === 'AwaitingRetry') return {}
    return { effects: [{ kind: 'release-slots', limitIds: lease.resourceIds, slots: lease.slots, leaseId: lease.id }] }
  },
}

/** A late run that would only be refused its slot is cancelled at once. */
export const cancelLateRunOfFullDeployment: FlowRunRule = {
  name: 'cancel-late-run-of-full-deployment',
  from: ['SCHEDULED'],
  to: ['SCHEDULED'],
  judge({ proposed }, { run, deployment }) {
    if (proposed.name !== 'Late' || !run.deploymentId || !deployment?.limit) return PASS
    if (deployment.collisionStrategy !== 'CANCEL_NEW') return PASS
    if (deployment.limit.activeSlots < deployment.limit.limit) return PASS
    return {
      kind: 'reject',
      state: { type: 'CANCELLED', message: LIMIT_REACHED },
      reason: 'Deployment concurrency limit is full and uses the CANCEL_NEW strategy.',
    }
  },
}

/** Types of states in which a run counts against the limit of its deployment. */
export function holdsDeploymentSlot(type: StateType | null): boolean {
  return HOLDING_TYPES.includes(type)
}

function leaseIdOf(state: State | null): string | null {
  return state?.details.deployment_concurrency_lease_id ?? null
}

function renewsLeases(facts: FlowRunFacts): boolean {
  return versionAtLeast(facts.clientVersion, FIRST_CLIENT_RENEWING_LEASES)
}

/** A limit that is switched off cannot be acquired; it counts as full. */
function hasFreeSlot({ limit }: DeploymentFacts): boolean {
  return limit !== null && limit.active && limit.activeSlots + 1 <= limit.limit
}

function leaseSeconds(deployment: DeploymentFacts, facts: FlowRunFacts): number {
  return deployment.gracePeriodSeconds ?? facts.settings.initialLeaseSeconds
}

function acquired(deployment: DeploymentFacts, facts: FlowRunFacts) {
  const leaseId = facts.newId()
  const effect: FlowRunEffect = {
    kind: 'acquire-slot',
    limitId: deployment.limit?.id ?? '',
    leaseId,
    leaseSeconds: leaseSeconds(deployment, facts),
    holder: { type: 'flow_run', id: facts.run.id },
  }
  return { details: { deployment_concurrency_lease_id: leaseId }, effects: [effect] }
}
