import { randomUUID } from 'node:crypto'
import { formatIso } from '@spillway/core/wire/time'
import { CancelledError } from '../errors.ts'
import type { Session } from '../session.ts'
import { VERSION } from '../version.ts'
import type { FlowRunInfo } from './context.ts'
import type { Orchestrator } from './orchestrator.ts'

/** In the environment of a run's process: the id of the run whose heartbeats its runner sends. */
export const BEATEN_BY_RUNNER = 'SPILLWAY__BEATEN_BY_RUNNER'

/** As an event `prefect.flow-run.heartbeat`, by which automations tell a dead run from a slow one. */
export function heartbeatEvent(nowUs: number, run: { id: string; name: string }, related: readonly Readonly<Record<string, string>>[]): object {
  return {
    id: randomUUID(),
    occurred: formatIso(nowUs),
    event: 'prefect.flow-run.heartbeat',
    resource: { 'prefect.resource.id': `prefect.flow-run.${run.id}`, 'prefect.resource.name': run.name, 'prefect.version': `spillway-sdk ${VERSION}` },
    related: related.filter((resource) => resource['prefect.resource.role'] !== 'flow-run'),
    payload: {},
  }
}

/**
 * Sends a heartbeat now and then, and looks whether somebody wants the run cancelled: so also runs that no runner or
 * worker has started, and subflows, can be cancelled.
 *
 * @returns how to stop it.
 */
export function keepBeating(
  session: Session,
  orchestrator: Orchestrator,
  run: FlowRunInfo,
  related: readonly Readonly<Record<string, string>>[],
  cancel: (reason: unknown) => void,
): () => void {
  const { remote, clock, settings } = session
  if (!remote || settings.heartbeatMs === 0) return () => {}
  // The runner that started this process sends those of its run, but not those of subflows.
  const isSentByRunner = process.env[BEATEN_BY_RUNNER] === run.id
  let stopTimer = (): void => {}
  let isOver = false
  const beat = (): void => {
    if (!isSentByRunner) void remote.events.emit(heartbeatEvent(clock.nowUs(), run, related), false)
    stopTimer = clock.after(settings.heartbeatMs, () => void look())
  }
  const look = async (): Promise<void> => {
    const state = await orchestrator.current(run)
    if (isOver) return
    if (state?.type === 'CANCELLING' || state?.type === 'CANCELLED') cancel(new CancelledError(state.message ?? 'somebody cancelled it'))
    else beat()
  }
  beat()
  return () => {
    isOver = true
    stopTimer()
  }
}
