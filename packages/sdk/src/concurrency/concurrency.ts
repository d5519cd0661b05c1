import { currentFrame, inFrame, type RunFrame } from '../engine/context.ts'
import { getRunLogger } from '../engine/run-logger.ts'
import { durationMs, type Duration } from '../duration.ts'
import { linkSignals } from '../link-signals.ts'
import { defaultSession, type Session } from '../session.ts'
import { ApiError, SpillwayError } from '../errors.ts'
import { acquireSlots, untilFree, type HeldSlots, type Holder } from './slots.ts'

/** How slots of a concurrency limit are taken. */
export interface ConcurrencyOptions {
  /** How many slots of each limit. Default 1. */
  readonly slots?: number
  /** After so long without renewal the server gives the slots to others. Default 5 min, 60 s to 1 day. */
  readonly lease?: Duration
  /** Default: waits for ever. */
  readonly timeout?: Duration
  /** Throws when there is no such limit, and aborts the signal of `work` when the lease is lost. Default: a warning. */
  readonly strict?: boolean
}

/**
 * Runs `work` holding slots of one or several limits, all taken at once. Within it, `abortSignal()` also aborts when the
 * lease is lost and `strict` is set.
 *
 * @throws {ConcurrencyTimeoutError} when no slot became free in time.
 */
export async function concurrency<T>(names: string | readonly string[], work: () => T | Promise<T>, options: ConcurrencyOptions = {}): Promise<T> {
  const frame = currentFrame()
  const session = frame?.session ?? defaultSession()
  const logger = getRunLogger()
  if (!session.remote) return await work()
  const link = linkSignals(frame ? [frame.signal] : [])
  const wanted = typeof names === 'string' ? [names] : names
  let held: HeldSlots | undefined
  try {
    held = await acquireSlots(session, session.remote, {
      names: wanted,
      slots: options.slots ?? 1,
      leaseSeconds: Math.round(durationMs(options.lease ?? '5m') / 1000),
      holder: holderOf(frame),
      signal: link.signal,
      timeoutMs: options.timeout === undefined ? undefined : durationMs(options.timeout),
      logger,
      lost: (error) => {
        logger.warn(error.message)
        if (options.strict) link.abort(error)
      },
    })
    checkExists(wanted, held.limits, options.strict)
    return await (frame ? inFrame({ ...frame, signal: link.signal }, work) : work())
  } finally {
    link.unlink()
    await held?.[Symbol.asyncDispose]()
  }
}

/** Waits until the limit lets so many more through. @throws {ConcurrencyTimeoutError} */
export async function rateLimit(
  names: string | readonly string[],
  options: { readonly slots?: number; readonly timeout?: Duration; readonly strict?: boolean } = {},
): Promise<void> {
  const frame = currentFrame()
  const session: Session = frame?.session ?? defaultSession()
  const { remote } = session
  if (!remote) return
  const wanted = typeof names === 'string' ? [names] : names
  const link = linkSignals(frame ? [frame.signal] : [])
  try {
    const limits = await untilFree(
      session,
      { names: wanted, signal: link.signal, timeoutMs: options.timeout === undefined ? undefined : durationMs(options.timeout), logger: getRunLogger() },
      () => remote.client.takeRate({ names: [...wanted].sort(), slots: options.slots ?? 1, mode: 'rate_limit' }, { signal: link.signal, patienceMs: session.settings.patienceMs }),
    )
    checkExists(wanted, limits, options.strict)
  } catch (error) {
    if (error instanceof ApiError && error.status === 422) {
      throw new SpillwayError('limit-without-decay', `the limit ${wanted.join(', ')} has no slot_decay_per_second, which a rate limit needs`, { cause: error })
    }
    throw error
  } finally {
    link.unlink()
  }
}

function checkExists(wanted: readonly string[], limits: readonly { name: string }[], strict = false): void {
  const missing = wanted.filter((name) => !limits.some((limit) => limit.name === name))
  if (missing.length === 0) return
  const message = `there is no concurrency limit called ${missing.join(', ')}; make it with: prefect gcl create ${missing[0]} --limit 10`
  if (strict) throw new SpillwayError('limit-missing', message)
  getRunLogger().warn(message)
}

function holderOf(frame: RunFrame | undefined): Holder | undefined {
  if (frame?.task) return { type: 'task_run', id: frame.task.id }
  return frame?.flow ? { type: 'flow_run', id: frame.flow.run.id } : undefined
}
