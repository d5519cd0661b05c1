import type { BodyOf } from '../client/typed-call.ts'
import { durationMs, type Duration } from '../duration.ts'

/** What an automation waits for. Made by `trigger`. */
export type Trigger = BodyOf<'POST /automations/'>['trigger']

/** Which events count, and how. */
export interface EventTriggerOptions {
  /** Labels of the resource that the event is about; values may hold `*`. `match: { 'prefect.resource.id': 'order.*' }` */
  readonly match?: Labels
  /** Labels of resources that the event names beside it: each of these must fit one of them. */
  readonly matchRelated?: Labels | readonly Labels[]
  /** Events count only from when one of these has come. */
  readonly after?: string | readonly string[]
  /** Labels by whose values is counted apart, such as `prefect.resource.id`. */
  readonly forEach?: string | readonly string[]
  /** How many events it takes. Default 1. */
  readonly threshold?: number
}

type Labels = Readonly<Record<string, string | readonly string[]>>

/** What starts an automation. */
export const trigger = {
  /** Events of these names; `*` stands for any part. With `within`, `threshold` of them in that time. */
  event: (names: string | readonly string[], options: EventTriggerOptions & { readonly within?: Duration } = {}): Trigger => eventTrigger('Reactive', names, options),
  /** Events that do not come within a time (10 s or more), after one of `after` where that is given. */
  missing: (names: string | readonly string[], options: EventTriggerOptions & { readonly within: Duration }): Trigger => eventTrigger('Proactive', names, options),
  /** Each of these within a time, in any order. */
  all: (triggers: readonly Trigger[], options: { readonly within?: Duration } = {}): Trigger => ({ type: 'compound', require: 'all', triggers, within: secondsOf(options.within) }),
  /** One of these, or so many of them within a time. */
  any: (triggers: readonly Trigger[], options: { readonly count?: number; readonly within?: Duration } = {}): Trigger => ({ type: 'compound', require: options.count ?? 'any', triggers, within: secondsOf(options.within) }),
  /** Each of these within a time, one after the other. */
  sequence: (triggers: readonly Trigger[], options: { readonly within?: Duration } = {}): Trigger => ({ type: 'sequence', triggers, within: secondsOf(options.within) }),
}

function eventTrigger(posture: 'Reactive' | 'Proactive', names: string | readonly string[], options: EventTriggerOptions & { readonly within?: Duration }): Trigger {
  return {
    type: 'event',
    posture,
    expect: [names].flat(),
    match: options.match ?? {},
    match_related: options.matchRelated ?? {},
    after: [options.after ?? []].flat(),
    for_each: [options.forEach ?? []].flat(),
    threshold: options.threshold ?? 1,
    within: secondsOf(options.within) ?? 0,
  }
}

function secondsOf(duration: Duration | undefined): number | null {
  return duration === undefined ? null : durationMs(duration) / 1000
}
