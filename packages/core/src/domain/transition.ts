import { makeState, STATE_TYPES, type ProposedState, type State, type StateDetails, type StateType } from './state.ts'

/** Where a rule applies from; null stands for a run that has no state yet. */
export type Origin = StateType | null

export const ANY_ORIGIN: readonly Origin[] = [null, ...STATE_TYPES]
export const ANY_TYPE: readonly StateType[] = STATE_TYPES

/** Changes a rule wants on top of its verdict. They vanish when a later rule makes the rule void. */
export interface Wishes<Run, Effect> {
  /** Members of the run to change. */
  run?: Partial<Run>
  effects?: readonly Effect[]
}

export type Verdict<Run, Effect> =
  /** Nothing against it; `details` and `name` are put on the proposed state. */
  | (Wishes<Run, Effect> & { kind: 'pass'; details?: Partial<StateDetails>; name?: string })
  /** Another state is written in its place, or with null none: the current one stays. */
  | (Wishes<Run, Effect> & { kind: 'reject'; state: ProposedState | null; reason: string })
  | { kind: 'wait'; delaySeconds: number; reason: string }
  | { kind: 'abort'; reason: string }

export const PASS: { readonly kind: 'pass' } = { kind: 'pass' }

/** What a rule sees beside the facts: the transition as the rules before it left it. */
export interface Draft<Run> {
  readonly initial: State | null
  readonly proposed: State
  readonly run: Run
}

/** What the hooks after the write see. `written` is null when nothing was. */
export interface Outcome<Run> {
  readonly status: TransitionStatus
  readonly initial: State | null
  readonly written: State | null
  readonly run: Run
}

/**
 * A rule looks at transitions between certain types. It is passed over when an earlier rule has changed the proposed
 * type; when a later one does, all that the rule wished is dropped and its `after` does not run.
 */
export interface Rule<Facts, Run, Effect> {
  name: string
  from: readonly Origin[]
  to: readonly StateType[]
  judge?(draft: Draft<Run>, facts: Facts): Verdict<Run, Effect>
  after?(outcome: Outcome<Run>, facts: Facts): Wishes<Run, Effect>
}

/** What a step puts on the state that is to be written. */
export interface StateChanges {
  state?: Partial<Omit<State, 'details'>>
  details?: Partial<StateDetails>
}

/** A step that always runs, whatever the rules made of the transition; `before` only when a state is to be written. */
export interface Step<Facts, Run, Effect> {
  name: string
  always: true
  before?(draft: Draft<Run>, facts: Facts): Wishes<Run, Effect> & StateChanges
  after?(outcome: Outcome<Run>, facts: Facts): Wishes<Run, Effect>
}

export type PolicyRow<Facts, Run, Effect> = Rule<Facts, Run, Effect> | Step<Facts, Run, Effect>

export type TransitionStatus = 'ACCEPT' | 'REJECT' | 'WAIT' | 'ABORT'

/** The `details` of the answer to a proposed state, as on the wire. */
export type TransitionDetails =
  | { type: 'accept_details' }
  | { type: 'reject_details'; reason: string }
  | { type: 'wait_details'; delay_seconds: number; reason: string }
  | { type: 'abort_details'; reason: string }

/** What the rules made of a proposed state. Nothing has been written: the caller applies it in its transaction. */
export interface Decision<Run, Effect> {
  status: TransitionStatus
  details: TransitionDetails
  /** The state to insert and make current; null when the run keeps the one it has. */
  written: State | null
  /** Members of the run that change; those of the state columns follow from `written` and are included. */
  patch: Partial<Run>
  /** In the order in which they are to happen. */
  effects: Effect[]
}

export interface TransitionFacts<Run> {
  run: Run
  initial: State | null
  proposed: ProposedState
  nowUs: number
  newId: () => string
}

interface Progress<Run, Effect> {
  row: PolicyRow<TransitionFacts<Run>, Run, Effect>
  /** The proposed type the rule stands by; its own replacement counts as such. null: it wants nothing written. */
  target: Origin
  undo: Partial<Run>
  effects: readonly Effect[]
  /** Rules whose turn never came are neither undone nor finished. */
  entered: boolean
}

/**
 * Runs a policy over a proposed state: the rows in order before the write, and in reverse order after it.
 * Same facts, same decision.
 */
export function decideTransition<Facts extends TransitionFacts<Run>, Run extends object, Effect>(
  policy: readonly PolicyRow<Facts, Run, Effect>[],
  facts: Facts,
): Decision<Run, Effect> {
  const { initial, nowUs } = facts
  const origin: Origin = initial?.type ?? null
  let proposed: State | null = makeState(facts.proposed, { id: facts.newId(), nowUs })
  let run = facts.run
  let status: TransitionStatus = 'ACCEPT'
  let details: TransitionDetails = { type: 'accept_details' }
  const intended = proposed.type
  const entries: Progress<Run, Effect>[] = []

  for (const row of policy) {
    if (!isStep(row) && !(row.from.includes(origin) && row.to.includes(intended))) continue
    const entry: Progress<Run, Effect> = {
      row: row as Progress<Run, Effect>['row'], target: intended, undo: {}, effects: [], entered: false,
    }
    entries.push(entry)
    if (isStep(row)) {
      entry.entered = true
      if (!proposed || !row.before) continue
      const wishes = row.before({ initial, proposed, run }, facts)
      proposed = withChanges(proposed, wishes.state, wishes.details)
      run = withWishes(run, wishes, entry)
      continue
    }
    if (proposed?.type !== intended) continue
    entry.entered = true
    const verdict: Verdict<Run, Effect> = row.judge?.({ initial, proposed, run }, facts) ?? PASS
    if (verdict.kind === 'pass') {
      proposed = withChanges(proposed, verdict.name === undefined ? undefined : { name: verdict.name }, verdict.details)
      run = withWishes(run, verdict, entry)
      continue
    }
    if (verdict.kind === 'reject') {
      if (verdict.state === null && initial === null) {
        // Without a current state there is nothing to fall back on.
        status = 'ABORT'
        details = { type: 'abort_details', reason: verdict.reason }
        proposed = null
      } else {
        status = 'REJECT'
        details = { type: 'reject_details', reason: verdict.reason }
        proposed = verdict.state && makeState(verdict.state, { id: facts.newId(), nowUs })
        run = withWishes(run, verdict, entry)
      }
    } else if (verdict.kind === 'wait') {
      status = 'WAIT'
      details = { type: 'wait_details', delay_seconds: verdict.delaySeconds, reason: verdict.reason }
      proposed = null
    } else {
      status = 'ABORT'
      details = { type: 'abort_details', reason: verdict.reason }
      proposed = null
    }
    entry.target = proposed?.type ?? null
  }

  return finish(entries, { status, details, written: proposed, run }, facts)
}

function finish<Facts extends TransitionFacts<Run>, Run extends object, Effect>(
  entries: readonly Progress<Run, Effect>[],
  decided: { status: TransitionStatus; details: TransitionDetails; written: State | null; run: Run },
  facts: Facts,
): Decision<Run, Effect> {
  const { status, details, written } = decided
  const writtenType = written?.type ?? null
  let { run } = decided
  const isVoid = (entry: Progress<Run, Effect>) => !isStep(entry.row) && entry.target !== writtenType
  const effects: Effect[] = entries.flatMap((entry) => (entry.entered && !isVoid(entry) ? entry.effects : []))
  for (const entry of entries.toReversed()) {
    if (!entry.entered) continue
    if (isVoid(entry)) {
      run = { ...run, ...entry.undo }
      continue
    }
    const wishes = entry.row.after?.({ status, initial: facts.initial, written, run }, facts)
    if (!wishes) continue
    if (wishes.run) run = { ...run, ...wishes.run }
    if (wishes.effects) effects.push(...wishes.effects)
  }
  return { status, details, written, patch: changedMembers(facts.run, run), effects }
}

function isStep<Facts, Run, Effect>(row: PolicyRow<Facts, Run, Effect>): row is Step<Facts, Run, Effect> {
  return 'always' in row
}

function withChanges(
  state: State,
  members: Partial<Omit<State, 'details'>> | undefined,
  details: Partial<StateDetails> | undefined,
): State {
  if (!members && !details) return state
  return { ...state, ...members, details: details ? { ...state.details, ...details } : state.details }
}

function withWishes<Run extends object, Effect>(
  run: Run,
  wishes: Wishes<Run, Effect>,
  entry: Progress<Run, Effect>,
): Run {
  if (wishes.effects) entry.effects = wishes.effects
  if (!wishes.run) return run
  for (const key of Object.keys(wishes.run) as (keyof Run)[]) entry.undo[key] = run[key]
  return { ...run, ...wishes.run }
}

function changedMembers<Run extends object>(before: Run, after: Run): Partial<Run> {
  const patch: Partial<Run> = {}
  for (const key of Object.keys(after) as (keyof Run)[]) {
    if (!Object.is(before[key], after[key])) patch[key] = after[key]
  }
  return patch
}

/** The copy of a state that can be proposed again: everything but id and timestamp. */
export function proposalOf(state: State, details: Partial<StateDetails> = {}): ProposedState {
  return {
    type: state.type,
    name: state.name,
    message: state.message,
    data: state.data,
    details: { ...state.details, ...details },
  }
}

