import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeState, type ProposedState, type State } from './state.ts'
import { ANY_ORIGIN, ANY_TYPE, decideTransition, type PolicyRow, type TransitionFacts } from './transition.ts'

interface Run {
  note: string
  count: number
}
type Row = PolicyRow<TransitionFacts<Run>, Run, string>

const running: State = makeState({ type: 'RUNNING' }, { id: 'before', nowUs: 1 })

function decide(policy: Row[], proposed: ProposedState, initial: State | null = running) {
  let ids = 0
  return decideTransition(policy, {
    run: { note: '', count: 0 }, initial, proposed, nowUs: 2, newId: () => `id-${++ids}`,
  })
}

const anywhere = { from: ANY_ORIGIN, to: ANY_TYPE }

test('a proposal that no rule looks at is accepted as it is', () => {
  const decision = decide([], { type: 'COMPLETED' })
  assert.equal(decision.status, 'ACCEPT')
  assert.deepEqual(decision.details, { type: 'accept_details' })
  assert.deepEqual(decision.written, makeState({ type: 'COMPLETED' }, { id: 'id-1', nowUs: 2 }))
  assert.deepEqual(decision.patch, {})
})

test('rows judge in order, and their hooks after the write run in reverse order', () => {
  const row = (name: string): Row => ({
    name, ...anywhere, judge: () => ({ kind: 'pass', effects: [`${name} before`] }),
    after: () => ({ effects: [`${name} after`] }),
  })
  const step: Row = { name: 'step', always: true, after: () => ({ effects: ['step after'] }) }
  assert.deepEqual(decide([row('one'), step, row('two')], { type: 'COMPLETED' }).effects, [
    'one before', 'two before', 'two after', 'step after', 'one after',
  ])
})

test('a rule is passed over when an earlier one changed the proposed type', () => {
  const swap: Row = {
    name: 'swap', ...anywhere, judge: () => ({ kind: 'reject', state: { type: 'CANCELLED' }, reason: 'no' }),
  }
  const later: Row = {
    name: 'later', from: ANY_ORIGIN, to: ['FAILED', 'CANCELLED'],
    judge: () => assert.fail('judged'), after: () => assert.fail('ran after'),
  }
  const decision = decide([swap, later], { type: 'FAILED' })
  assert.equal(decision.status, 'REJECT')
  assert.equal(decision.written?.type, 'CANCELLED')
})

test('what a rule wished is dropped when a later rule changes the type or refuses', () => {
  const eager: Row = {
    name: 'eager', ...anywhere,
    judge: () => ({ kind: 'pass', run: { note: 'changed' }, details: { cache_key: 'k' }, effects: ['taken'] }),
    after: () => ({ effects: ['after'] }),
  }
  const verdicts = [
    { kind: 'reject', state: { type: 'CANCELLED' }, reason: 'r' },
    { kind: 'reject', state: null, reason: 'r' },
    { kind: 'wait', delaySeconds: 3, reason: 'r' },
    { kind: 'abort', reason: 'r' },
  ] as const
  for (const verdict of verdicts) {
    const decision = decide([eager, { name: 'no', ...anywhere, judge: () => verdict }], { type: 'FAILED' })
    assert.deepEqual([decision.patch, decision.effects], [{}, []], verdict.kind)
  }
})

test('steps see what the rules before them changed, and keep their own changes', () => {
  const rule: Row = { name: 'rule', ...anywhere, judge: () => ({ kind: 'pass', run: { count: 5 } }) }
  const step: Row = { name: 'step', always: true, before: ({ run }) => ({ run: { count: run.count + 1 } }) }
  assert.deepEqual(decide([rule, step], { type: 'FAILED' }).patch, { count: 6 })
})

test('a rule that itself replaces the state goes on to its hook after the write', () => {
  const row: Row = {
    name: 'row', ...anywhere,
    judge: () => ({ kind: 'reject', state: { type: 'CANCELLED' }, reason: 'r' }),
    after: ({ status, written }) => ({ effects: [`${status} ${written?.name}`] }),
  }
  assert.deepEqual(decide([row], { type: 'FAILED' }).effects, ['REJECT Cancelled'])
})

test('steps do not prepare a write that will not happen', () => {
  const refuse: Row = { name: 'refuse', ...anywhere, judge: () => ({ kind: 'abort', reason: 'r' }) }
  const step: Row = { name: 'step', always: true, before: () => assert.fail('prepared') }
  assert.equal(decide([refuse, step], { type: 'FAILED' }).written, null)
})

test('a refusal that keeps the current state needs one: without it the transition is aborted', () => {
  const refuse: Row = { name: 'refuse', ...anywhere, judge: () => ({ kind: 'reject', state: null, reason: 'r' }) }
  assert.equal(decide([refuse], { type: 'FAILED' }, null).status, 'ABORT')
  assert.equal(decide([refuse], { type: 'FAILED' }).status, 'REJECT')
})
