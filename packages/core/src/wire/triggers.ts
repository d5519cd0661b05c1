import { requireFault, withProactiveDefault, withinFault } from './event-checks.ts'
import { ResourceSpecification } from './resources.ts'
import {
  anyOf,
  dict,
  duration,
  emptyList,
  emptyObject,
  float,
  integer,
  later,
  list,
  literal,
  mayBeAbsent,
  model,
  nullable,
  setOf,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

/** A trigger inside a trigger, as it is sent. */
export type TriggerInput = EventTriggerInput | CompoundTriggerInput | SequenceTriggerInput

/** A trigger inside a trigger, as it is answered. */
export type TriggerOutput = EventTriggerOutput | CompoundTriggerOutput | SequenceTriggerOutput

/** Triggers that contain triggers contain themselves, so their types are written out. */
interface TriggerGroup<Trigger> {
  id?: string
  triggers: Trigger[]
  within: number | null
}

export interface CompoundTriggerInput extends TriggerGroup<TriggerInput> {
  type: 'compound'
  require: number | 'any' | 'all'
}

export interface SequenceTriggerInput extends TriggerGroup<TriggerInput> {
  type: 'sequence'
}

export interface CompoundTriggerOutput extends TriggerGroup<TriggerOutput> {
  type: 'compound'
  require: number | 'any' | 'all'
}

export interface SequenceTriggerOutput extends TriggerGroup<TriggerOutput> {
  type: 'sequence'
}

export const EventTriggerInput = model('EventTrigger-Input', {
  type: literal(['event'], { default: 'event' }),
  id: mayBeAbsent(uuid()),
  match: anyOf([ResourceSpecification, dict(anyOf([text(), list(text())]))], {
    makeDefault: emptyObject,
    objectsAs: ResourceSpecification,
  }),
  match_related: anyOf(
    [
      ResourceSpecification,
      dict(anyOf([text(), list(text())])),
      list(anyOf([ResourceSpecification, dict(anyOf([text(), list(text())]))])),
    ],
    { makeDefault: emptyObject, objectsAs: ResourceSpecification },
  ),
  after: setOf(text(), { makeDefault: emptyList }),
  expect: setOf(text(), { makeDefault: emptyList }),
  for_each: setOf(text(), { makeDefault: emptyList }),
  posture: literal(['Reactive', 'Proactive'], { shown: 'Posture.Reactive or Posture.Proactive' }),
  threshold: integer({ default: 1 }),
  within: duration({ default: 'PT0S', forwardOnly: true }),
}, { before: withProactiveDefault, beforeCheck: withinFault })
export type EventTriggerInput = Static<typeof EventTriggerInput>

export const SequenceTriggerInput = model('SequenceTrigger-Input', {
  type: literal(['sequence'], { default: 'sequence' }),
  id: mayBeAbsent(uuid()),
  triggers: list(
    anyOf([
      EventTriggerInput,
      later<CompoundTriggerInput>('CompoundTrigger-Input'),
      later<SequenceTriggerInput>('SequenceTrigger-Input'),
    ]),
  ),
  within: nullable(duration()),
})

export const CompoundTriggerInput = model('CompoundTrigger-Input', {
  type: literal(['compound'], { default: 'compound' }),
  id: mayBeAbsent(uuid()),
  triggers: list(
    anyOf([
      EventTriggerInput,
      later<CompoundTriggerInput>('CompoundTrigger-Input', {
        label: 'function-after[validate_require(), CompoundTrigger]',
      }),
      SequenceTriggerInput,
    ]),
  ),
  within: nullable(duration()),
  require: anyOf([integer(), literal(['any', 'all'])]),
}, {
  check: requireFault,
  label: 'function-after[validate_require(), function-after[validate_require(), CompoundTrigger]]',
})

export const EventTriggerOutput = model('EventTrigger-Output', {
  type: literal(['event'], { default: 'event' }),
  id: mayBeAbsent(uuid()),
  match: anyOf([ResourceSpecification, dict(anyOf([text(), list(text())]))], { makeDefault: emptyObject }),
  match_related: anyOf(
    [
      ResourceSpecification,
      dict(anyOf([text(), list(text())])),
      list(anyOf([ResourceSpecification, dict(anyOf([text(), list(text())]))])),
    ],
    { makeDefault: emptyObject },
  ),
  after: setOf(text(), { makeDefault: emptyList }),
  expect: setOf(text(), { makeDefault: emptyList }),
  for_each: setOf(text(), { makeDefault: emptyList }),
  posture: literal(['Reactive', 'Proactive']),
  threshold: integer({ default: 1 }),
  within: float({ default: 0 }),
})
export type EventTriggerOutput = Static<typeof EventTriggerOutput>

export const SequenceTriggerOutput = model('SequenceTrigger-Output', {
  type: literal(['sequence'], { default: 'sequence' }),
  id: mayBeAbsent(uuid()),
  triggers: list(
    anyOf([
      EventTriggerOutput,
      later<CompoundTriggerOutput>('CompoundTrigger-Output'),
      later<SequenceTriggerOutput>('SequenceTrigger-Output'),
    ]),
  ),
  within: nullable(float()),
})

export const CompoundTriggerOutput = model('CompoundTrigger-Output', {
  type: literal(['compound'], { default: 'compound' }),
  id: mayBeAbsent(uuid()),
  triggers: list(
    anyOf([EventTriggerOutput, later<CompoundTriggerOutput>('CompoundTrigger-Output'), SequenceTriggerOutput]),
  ),
  within: nullable(float()),
  require: anyOf([integer(), literal(['any', 'all'])]),
})
