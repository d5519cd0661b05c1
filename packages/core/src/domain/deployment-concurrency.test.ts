import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowRunFacts, isoIn, outcomeOf, reasonOf, stateOf } from './facts.fixture.ts'
import { leaseToLoad, type DeploymentFacts, type FlowRunFacts } from './flow-run-facts.ts'
import { decideFlowRun } from './flow-run-transition.ts'
import type { State } from './state.ts'

const limit = { id: 'limit-1', limit: 2, active: true, activeSlots: 1 }
const fullLimit = { ...limit, activeSlots: 2 }
const lease = { id: 'lease-1', found: true, slots: 1, resourceIds: ['limit-1'] }
const holding = { deployment_concurrency_lease_id: 'lease-1' }

function factsOf(
  initial: State | null,
  proposed: FlowRunFacts['proposed'],
  deployment: Partial<DeploymentFacts> | null = {},
  over: Partial<Omit<FlowRunFacts, 'run'>> = {},
): FlowRunFacts {
  return flowRunFacts({
    initial,
    proposed,
    run: { deploymentId: 'deployment-1' },
    deployment: deployment && {
      found: true, limit, collisionStrategy: 'ENQUEUE', gracePeriodSeconds: null, ...deployment,
    },
    ...over,
  })
}

const submitted = (deployment: Partial<DeploymentFacts>, over: Partial<Omit<FlowRunFacts, 'run'>> = {}) =>
  decideFlowRun(factsOf(stateOf('SCHEDULED'), { type: 'PENDING' }, deployment, over))

function slotEffects(decision: ReturnType<typeof decideFlowRun>) {
  return decision.effects.filter((effect) => effect.kind !== 'emit-state-event')
}

test('a submitted run takes a slot of its deployment, with a lease for the time of provisioning', () => {
  const decision = submitted({})
  const leaseId = decision.written?.details.deployment_concurrency_lease_id
  assert.ok(leaseId)
  assert.deepEqual(slotEffects(decision), [{
    kind: 'acquire-slot', limitId: 'limit-1', leaseId, leaseSeconds: 300, holder: { type: 'flow_run', id: 'run-1' },
  }])
})

test('the grace period of the deployment is the length of the lease', () => {
  const [effect] = slotEffects(submitted({ gracePeriodSeconds: 600 }))
  assert.equal(effect?.kind === 'acquire-slot' && effect.leaseSeconds, 600)
})

test('a run that finds no slot waits in the queue', () => {
  const decision = submitted({ limit: fullLimit })
  assert.equal(outcomeOf(decision), 'REJECT AwaitingConcurrencySlot')
  assert.equal(reasonOf(decision), 'Deployment concurrency limit reached.')
  assert.equal(decision.written?.details.scheduled_time, isoIn(30))
  assert.deepEqual(slotEffects(decision), [])
})

test('a run that finds no slot is cancelled where the deployment says so', () => {
  const decision = submitted({ limit: fullLimit, collisionStrategy: 'CANCEL_NEW' })
  assert.equal(outcomeOf(decision), 'REJECT Cancelled')
  assert.equal(decision.written?.message, 'Deployment concurrency limit reached.')
  assert.deepEqual(slotEffects(decision), [])
})

test('a limit that is switched off counts as full', () => {
  assert.equal(outcomeOf(submitted({ limit: { ...limit, active: false } })), 'REJECT AwaitingConcurrencySlot')
})

test('a limit of 0 aborts, for the run would wait for ever', () => {
  const decision = submitted({ limit: { ...limit, limit: 0 } })
  assert.equal(reasonOf(decision), 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.')
})

test('a run of a deployment that is gone is aborted', () => {
  assert.equal(reasonOf(submitted({ found: false, limit: null })), 'Deployment not found.')
})

test('no slot is taken without a limit, or for clients that know nothing of slots', () => {
  assert.deepEqual(slotEffects(submitted({ limit: null })), [])
  for (const clientVersion of ['3.0.0rc20', '3.0.0', '3.0.3']) {
    assert.deepEqual(slotEffects(submitted({ limit: fullLimit }, { clientVersion })), [], clientVersion)
  }
})

test('a forced submission takes no slot', () => {
  assert.deepEqual(slotEffects(submitted({}, { policy: 'minimal' })), [])
})

test('a slot is not kept when a later rule refuses the submission', () => {
  const decision = decideFlowRun(factsOf(stateOf('PAUSED'), { type: 'PENDING' }))
  assert.equal(outcomeOf(decision), 'REJECT -')
  assert.deepEqual(slotEffects(decision), [])
})

test('a failed run that finds no slot to start again keeps the policy it had', () => {
  const decision = decideFlowRun({
    ...factsOf(stateOf('FAILED'), { type: 'PENDING' }, { limit: fullLimit }),
    run: flowRunFacts({ run: { deploymentId: 'deployment-1', empiricalPolicy: { pause_keys: ['k'] } } }).run,
  })
  assert.equal(outcomeOf(decision), 'REJECT AwaitingConcurrencySlot')
  assert.equal(decision.patch.empiricalPolicy, undefined)
})

const starting = (deployment: Partial<DeploymentFacts>, over: Partial<Omit<FlowRunFacts, 'run'>> = {}) =>
  decideFlowRun(factsOf(stateOf('PENDING', { given: holding }), { type: 'RUNNING' }, deployment, over))

test('at the start the lease is renewed', () => {
  const decision = starting({ limit: fullLimit }, { lease })
  assert.deepEqual(slotEffects(decision), [{ kind: 'renew-lease', leaseId: 'lease-1', leaseSeconds: 300 }])
  assert.equal(decision.written?.details.deployment_concurrency_lease_id, 'lease-1')
})

test('a run whose lease is gone takes another slot', () => {
  const decision = starting({}, { lease: { ...lease, found: false } })
  const [effect] = slotEffects(decision)
  assert.equal(effect?.kind, 'acquire-slot')
  assert.notEqual(decision.written?.details.deployment_concurrency_lease_id, 'lease-1')
})

test('a run whose lease is gone and finds no other slot is cancelled', () => {
  const decision = starting({ limit: fullLimit }, { lease: { ...lease, found: false } })
  assert.equal(outcomeOf(decision), 'REJECT Cancelled')
  assert.equal(reasonOf(decision), 'Deployment concurrency limit reached after lease expiry.')
  assert.equal(
    decision.written?.message,
    'Deployment concurrency slot lost during provisioning - no slots available to continue execution',
  )
})

test('the lease of a client that does not renew lasts, from the start of the run on, until the run ends', () => {
  for (const clientVersion of [null, '3.4.10']) {
    const decision = starting({ limit: fullLimit }, { clientVersion, lease })
    assert.equal(outcomeOf(decision), 'ACCEPT Running')
    assert.deepEqual(slotEffects(decision), [{ kind: 'renew-lease', leaseId: 'lease-1', leaseSeconds: 100 * 365 * 86_400 }])
  }
})

test('a run that has to wait for its time keeps its lease as it is', () => {
  const initial = stateOf('PENDING', { given: { ...holding, scheduled_time: isoIn(60) } })
  const decision = decideFlowRun(factsOf(initial, { type: 'RUNNING' }, {}, { lease }))
  assert.equal(decision.status, 'WAIT')
  assert.deepEqual(decision.effects, [])
})

test('the lease id goes along with every state', () => {
  const decision = decideFlowRun(factsOf(stateOf('RUNNING', { given: holding }), { type: 'CANCELLING' }, {}, { lease }))
  assert.equal(decision.written?.details.deployment_concurrency_lease_id, 'lease-1')
  assert.equal(leaseToLoad(decision.written), 'lease-1')
})

test('slots are given back when a run that holds one goes on to a state that needs none', () => {
  for (const [from, to, released] of [
    ['RUNNING', 'COMPLETED', true], ['RUNNING', 'SCHEDULED', true], ['PENDING', 'CRASHED', true],
    ['CANCELLING', 'CANCELLED', true], ['RUNNING', 'CANCELLING', false], ['RUNNING', 'RUNNING', false],
    ['SCHEDULED', 'CANCELLED', false], ['COMPLETED', 'FAILED', false],
  ] as const) {
    const decision = decideFlowRun(factsOf(stateOf(from, { given: holding }), { type: to }, {}, { lease }))
    const want = released ? [{ kind: 'release-slots', limitIds: ['limit-1'], slots: 1, leaseId: 'lease-1' }] : []
    assert.deepEqual(slotEffects(decision), want, `${from} to ${to}`)
  }
})

test('a run that has no lease any more gives nothing back: its slot went with the lease', () => {
  const initial = stateOf('RUNNING', { given: holding })
  const lost = factsOf(initial, { type: 'FAILED' }, {}, { lease: { ...lease, found: false } })
  assert.deepEqual(slotEffects(decideFlowRun(lost)), [])
  assert.deepEqual(slotEffects(decideFlowRun(factsOf(stateOf('RUNNING'), { type: 'FAILED' }))), [])
})

test('a run gives its slot back although a forced state has lost the lease, or the deployment is gone', () => {
  const want = [{ kind: 'release-slots', limitIds: ['limit-1'], slots: 1, leaseId: 'lease-1' }]
  const forced = factsOf(stateOf('RUNNING'), { type: 'FAILED' }, {}, { lease })
  assert.deepEqual(slotEffects(decideFlowRun(forced)), want)
  const orphan = factsOf(stateOf('RUNNING', { given: holding }), { type: 'FAILED' }, null, { lease })
  assert.deepEqual(slotEffects(decideFlowRun({ ...orphan, run: { ...orphan.run, deploymentId: null } })), want)
})

test('a lease gives back as many slots as it holds', () => {
  const initial = stateOf('RUNNING', { given: holding })
  const facts = factsOf(initial, { type: 'FAILED' }, {}, { lease: { ...lease, slots: 3 } })
  const [effect] = slotEffects(decideFlowRun(facts))
  assert.equal(effect?.kind === 'release-slots' && effect.slots, 3)
})

test('a retry in the same process keeps its slot and its lease', () => {
  const facts = factsOf(stateOf('RUNNING', { given: holding }), { type: 'FAILED' }, {}, { lease })
  const decision = decideFlowRun({ ...facts, run: { ...facts.run, runCount: 1, empiricalPolicy: { retries: 1 } } })
  assert.equal(outcomeOf(decision), 'REJECT AwaitingRetry')
  assert.deepEqual(slotEffects(decision), [])
  assert.equal(decision.written?.details.deployment_concurrency_lease_id, 'lease-1')
})

test('a late run of a full deployment that cancels new runs is cancelled, and only such a run', () => {
  const late = (deployment: Partial<DeploymentFacts>) => decideFlowRun(
    factsOf(stateOf('SCHEDULED'), { type: 'SCHEDULED', name: 'Late' }, deployment, { policy: 'mark-late' }),
  )
  const cancelled = late({ limit: fullLimit, collisionStrategy: 'CANCEL_NEW' })
  assert.equal(outcomeOf(cancelled), 'REJECT Cancelled')
  assert.equal(reasonOf(cancelled), 'Deployment concurrency limit is full and uses the CANCEL_NEW strategy.')
  assert.equal(cancelled.written?.message, 'Deployment concurrency limit reached.')
  for (const deployment of [{ limit: fullLimit }, { collisionStrategy: 'CANCEL_NEW' }, { limit: null }] as const) {
    assert.equal(outcomeOf(late(deployment)), 'ACCEPT Late')
  }
})
