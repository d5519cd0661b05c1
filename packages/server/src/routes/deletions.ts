import type { Answer } from '../storage/port.ts'
import type { RouteContext } from './route.ts'

/** Runs that go in one transaction when a flow is deleted. */
const RUNS_PER_STEP = 100

/** Deletes a flow run; what is left of its logs goes in steps after the answer, between other writes. */
export async function deleteFlowRun(context: RouteContext, id: string): Promise<Answer> {
  const answer = await context.store.write('deleteFlowRun', { id })
  forgetLogs(context, [id])
  return answer
}

/** Deletes a flow, its runs first, in steps that let other writes through. */
export async function deleteFlow(context: RouteContext, id: string): Promise<Answer> {
  for (;;) {
    const gone = await context.store.write('deleteRunsOfFlow', { flowId: id, limit: RUNS_PER_STEP })
    forgetLogs(context, gone)
    if (gone.length < RUNS_PER_STEP) return context.store.write('deleteFlow', { id })
  }
}

/** Deletes the logs that are left of deleted runs. Nobody waits for it, and what a crash leaves is out of sight. */
export function forgetLogs({ store, log }: RouteContext, flowRunIds: readonly string[]): void {
  const forget = async (): Promise<void> => {
    for (const id of flowRunIds) {
      while (await store.write('deleteFlowRunLogs', { id }, 'log'));
    }
  }
  forget().catch((error: Error) => log.info({ reason: error.message }, 'logs of deleted runs are left'))
}
