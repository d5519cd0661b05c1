import { setTimeout as delay } from 'node:timers/promises'
import { defaultSession } from '../../packages/sdk/src/session.ts'

/** Resolves when the server has so many completed task runs of a flow run. */
export async function untilStored(flowRunId: string, count: number): Promise<void> {
  const { client } = defaultSession().remote!
  const filter = { flow_runs: { id: { any_: [flowRunId] } }, task_runs: { state: { type: { any_: ['COMPLETED'] } } } }
  while (count > 0 && (await client.call<number>('POST', '/task_runs/count', filter, { repeatable: true })) < count) await delay(5)
}
