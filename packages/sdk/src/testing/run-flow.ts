import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CallInput, Flow } from '../engine/flow.ts'
import type { Outcome } from '../engine/state.ts'
import type { Task } from '../engine/task.ts'
import { Session } from '../session.ts'
import { readSdkSettings } from '../settings.ts'
import { fakeClock, type FakeClock } from './fake-clock.ts'

/** What an event of the SDK looks like. */
export interface SeenEvent {
  readonly event: string
  readonly resource: Readonly<Record<string, string>>
  readonly payload: Readonly<Record<string, unknown>>
}

/** How a task went in a test. */
export interface SeenTaskRun {
  readonly name: string
  /** Names of its states, in order. */
  readonly states: readonly string[]
}

/** How a flow went in a test. */
export interface FlowTest<R> {
  /** Last state, with value or error. */
  readonly outcome: Outcome<R>
  readonly events: readonly SeenEvent[]
  /** Messages of all logs. */
  readonly log: readonly string[]
  readonly clock: FakeClock
  /** Runs of a task, in the order in which they began. */
  taskRuns(task: { readonly taskName: string }): readonly SeenTaskRun[]
}

/** A function that stands in for a task's own. @see runFlow */
export interface TaskMock {
  readonly key: string
  readonly fn: (...args: never[]) => unknown
}

/** Lets `fn` stand in for the function of a task. Retries, time-outs and cache stay the task's own. */
export function mock<Args extends unknown[], R>(task: Task<Args, R>, fn: (...args: Args) => unknown): TaskMock {
  return { key: task.taskKey, fn }
}

/**
 * Runs a flow without a server, on a clock that jumps over every delay, and shows what it did. Nothing is shared with other
 * tests that run at the same time.
 */
export async function runFlow<Input, R>(
  flow: Flow<Input, R>,
  input?: CallInput<Input>[0],
  options: { readonly mocks?: readonly TaskMock[]; readonly signal?: AbortSignal; readonly random?: () => number } = {},
): Promise<FlowTest<R>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-flow-test-'))
  const events: SeenEvent[] = []
  const log: string[] = []
  const clock = fakeClock()
  const session = new Session({
    settings: readSdkSettings({ PREFECT_HOME: folder }),
    clock,
    random: options.random ?? (() => 0.5),
    logSink: ({ message }) => log.push(message),
    onEvent: (event) => events.push(event as SeenEvent),
    mocks: new Map(options.mocks?.map(({ key, fn }) => [key, fn])),
  })
  try {
    const outcome = await flow.run(input, { session, ...(options.signal ? { signal: options.signal } : {}) })
    return { outcome, events, log, clock, taskRuns: (task) => taskRunsOf(events, task.taskName) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function taskRunsOf(events: readonly SeenEvent[], taskName: string): SeenTaskRun[] {
  const runs = new Map<string, { name: string; states: string[] }>()
  for (const { resource, event } of events) {
    const name = resource['prefect.resource.name'] ?? ''
    if (!event.startsWith('prefect.task-run.') || !(name === taskName || name.replace(/-[0-9a-f]{3}$/, '') === taskName)) continue
    const id = resource['prefect.resource.id']!
    const run = runs.get(id) ?? { name, states: [] }
    run.states.push(resource['prefect.state-name']!)
    runs.set(id, run)
  }
  return [...runs.values()]
}
