import { CancelledError } from '../errors.ts'
import type { FlowScope } from './context.ts'
import type { Outcome, State } from './state.ts'

/**
 * A run that has been submitted. It is no promise on purpose: a promise would be unwrapped wherever it is returned or
 * awaited, and with it would go the knowledge of which run a value comes from. Ask it for `result()` or `state()`, or
 * hand it to another task, which then waits for it.
 */
export class RunFuture<T> {
  readonly taskRunId: string
  readonly name: string
  readonly #outcome: Promise<Outcome<T>>
  readonly #abort: (reason: unknown) => void
  readonly #scope: FlowScope | undefined
  #done: Outcome<T> | undefined
  #isLookedAt = false

  /** @internal */
  constructor(run: { id: string; name: string }, outcome: Promise<Outcome<T>>, abort: (reason: unknown) => void, scope?: FlowScope) {
    this.taskRunId = run.id
    this.name = run.name
    this.#abort = abort
    this.#scope = scope
    this.#outcome = outcome.then((done) => {
      this.#done = done
      if (!done.ok && !this.#isLookedAt) scope?.unread.add(run.name)
      return done
    })
  }

  /** Whether the run has ended. */
  get done(): boolean {
    return this.#done !== undefined
  }

  /** The value, when the run has ended. @throws the error that the task threw. */
  async result(): Promise<T> {
    const outcome = await this.outcome()
    if (outcome.ok) return outcome.value
    throw outcome.error
  }

  /** The last state, when the run has ended. Never throws. */
  async state(): Promise<State> {
    return (await this.outcome()).state
  }

  /** State with value or error, when the run has ended. Never throws. */
  async outcome(): Promise<Outcome<T>> {
    this.#look()
    return await this.#outcome
  }

  /** @internal What the call of a task gives. In a flow, that nobody waits for it is told as of a run that was submitted. */
  called(): Promise<T> {
    return this.#scope ? new CalledRun(this.#outcome, () => this.#look()) : this.result()
  }

  #look(): void {
    this.#isLookedAt = true
    this.#scope?.unread.delete(this.name)
  }

  /** Aborts the run's signal. */
  cancel(reason: string = 'cancelled by its flow'): void {
    this.#abort(new CancelledError(reason))
  }
}

/**
 * A promise that notices when somebody waits for it. Until then its failure is no unhandled rejection: that would end the process,
 * also where `await b` is about to come after `await a`.
 */
class CalledRun<T> extends Promise<T> {
  readonly #look: () => void

  constructor(outcome: Promise<Outcome<T>>, look: () => void) {
    super((resolve, reject) => void outcome.then((done) => (done.ok ? resolve(done.value) : reject(done.error))))
    this.#look = look
    void super.then(undefined, () => {})
  }

  override then<A = T, B = never>(onValue?: ((value: T) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    this.#look()
    return super.then(onValue, onError)
  }

  /** What is made of it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }
}

/** The futures in the order in which their runs end. */
export async function* asCompleted<T>(futures: Iterable<RunFuture<T>>): AsyncGenerator<RunFuture<T>, void, undefined> {
  const open = new Map([...futures].map((future) => [future, future.outcome().then(() => future)]))
  while (open.size > 0) {
    const next = await Promise.race(open.values())
    open.delete(next)
    yield next
  }
}

/** What a value comes to when its futures have ended: futures in it, at any depth of arrays, give their values. */
export type Resolved<R> = R extends RunFuture<infer T> ? T : R extends readonly unknown[] ? { -readonly [Index in keyof R]: Resolved<R[Index]> } : R
