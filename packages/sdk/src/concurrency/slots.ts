import { randomUUID } from 'node:crypto'
import { formatIso } from '@spillway/core/wire/time'
import { currentFrame } from '../engine/context.ts'
import type { RunLogger } from '../engine/run-logger.ts'
import { ApiError, ConcurrencyTimeoutError, type LeaseLostError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { Remote, Session } from '../session.ts'

export interface Holder {
  readonly type: 'flow_run' | 'task_run'
  readonly id: string
}

export interface SlotRequest {
  readonly names: readonly string[]
  readonly slots: number
  readonly leaseSeconds: number
  readonly holder?: Holder | undefined
  readonly signal: AbortSignal
  /** Default: waits for ever. */
  readonly timeoutMs?: number | undefined
  readonly logger: RunLogger
  readonly lost: (error: LeaseLostError) => void
}

/** Slots that are held until they are given back. */
export interface HeldSlots extends AsyncDisposable {
  readonly limits: readonly { readonly id: string; readonly name: string; readonly limit: number }[]
}

/**
 * Waits for slots of all these limits at once, so that two who want the same two cannot block each other. Names that have
 * no limit are passed over.
 *
 * @throws {ConcurrencyTimeoutError}, or the signal's reason.
 */
export async function acquireSlots(session: Session, remote: Remote, request: SlotRequest): Promise<HeldSlots> {
  const { names, slots, leaseSeconds, holder } = request
  const body = { names: [...names].sort(), slots, mode: 'concurrency' as const, lease_duration: leaseSeconds, ...(holder ? { holder: { ...holder } } : {}) }
  const options = { signal: request.signal, patienceMs: session.settings.patienceMs, repeatable: true }
  const { lease_id: leaseId, limits } = await untilFree(session, request, () => remote.client.acquireSlots(body, options))
  if (limits.length === 0) return { limits: [], [Symbol.asyncDispose]: async () => {} }
  remote.leases.keep(leaseId, leaseSeconds, request.lost)
  const acquired = emitSlotEvents(session, remote, 'acquired', limits, slots)
  const release = async (): Promise<void> => {
    remote.leases.drop(leaseId)
    // A slot that is not given back frees itself when the lease ends; nobody's run may fail of it.
    await remote.client.releaseLease(leaseId, { patienceMs: leaseSeconds * 1000 }).catch(() => {})
    emitSlotEvents(session, remote, 'released', limits, slots, acquired)
  }
  let released: Promise<void> | undefined
  return { limits, [Symbol.asyncDispose]: () => (released ??= release()) }
}

const withoutLimits = new Map<string, number>()

/** The slots that a task run needs: of limits it names, and of the limits that its tags have. */
export async function holdSlots(
  session: Session,
  request: { names: { required: readonly string[]; tags: readonly string[] }; holder: Holder; signal: AbortSignal; lost: (error: LeaseLostError) => void; logger: RunLogger },
): Promise<AsyncDisposable | undefined> {
  const { remote, clock } = session
  const names = [...request.names.required, ...request.names.tags]
  if (!remote || names.length === 0) return undefined
  const key = `${session.settings.apiUrl} ${names.toSorted().join(' ')}`
  if (request.names.required.length === 0 && (withoutLimits.get(key) ?? -Infinity) > clock.monotonicMs()) return undefined
  const held = await acquireSlots(session, remote, { ...request, names, slots: 1, leaseSeconds: sdkLimits.slotLeaseSeconds })
  if (held.limits.length === 0) withoutLimits.set(key, clock.monotonicMs() + sdkLimits.noLimitsMs)
  return held
}

/** Asks again as long as the answer is 423, each time after what `Retry-After` says. */
export async function untilFree<T>(session: Session, request: Pick<SlotRequest, 'names' | 'signal' | 'timeoutMs' | 'logger'>, ask: () => Promise<T>): Promise<T> {
  const { clock, random } = session
  const startedMs = clock.monotonicMs()
  let isTold = false
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 423) throw error
      const waitedMs = clock.monotonicMs() - startedMs
      const delayMs = (error.retryAfterSeconds ?? sdkLimits.slotRetryAfterSeconds) * 1000 * (1 + random() * 0.2)
      if (request.timeoutMs !== undefined && waitedMs + delayMs > request.timeoutMs) {
        throw new ConcurrencyTimeoutError(`no slot of ${request.names.join(', ')} became free within ${request.timeoutMs / 1000} s`)
      }
      if (!isTold && waitedMs > sdkLimits.slotWaitTellMs) request.logger.info(`waiting for a slot of ${request.names.join(', ')}`)
      isTold ||= waitedMs > sdkLimits.slotWaitTellMs
      await clock.sleep(delayMs, request.signal)
    }
  }
}

/** As the stock client tells of it: one event for each limit. @returns their ids by limit. */
export function emitSlotEvents(
  session: Session,
  remote: Remote,
  phase: 'acquired' | 'released',
  limits: readonly { id: string; name: string; limit: number }[],
  slots: number,
  follows: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  for (const limit of limits) {
    const id = randomUUID()
    ids.set(limit.id, id)
    void remote.events.emit({
      id,
      occurred: formatIso(session.clock.nowUs()),
      event: `prefect.concurrency-limit.${phase}`,
      resource: {
        'prefect.resource.id': `prefect.concurrency-limit.${limit.id}`,
        'prefect.resource.name': limit.name,
        'slots-acquired': String(slots),
        limit: String(limit.limit),
      },
      related: [
        ...limits
          .filter((other) => other.id !== limit.id)
          .map((other) => ({ 'prefect.resource.id': `prefect.concurrency-limit.${other.id}`, 'prefect.resource.role': 'concurrency-limit' })),
        ...(currentFrame()?.flow?.related ?? []),
      ],
      payload: {},
      ...(follows.has(limit.id) ? { follows: follows.get(limit.id)! } : {}),
    }, false)
  }
  return ids
}
