import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { RetryingClient } from './retrying-client.ts'

/** What a server acknowledged with 2xx: a run, and a state that it must therefore have. */
export interface Acknowledged {
  run: string
  state: string | null
}

function stateBody(type: string, name: string) {
  return { type, name, message: null, data: null, state_details: { transition_id: randomUUID() } }
}

/**
 * One run from Pending over Running to Completed, with some thinking before each step.
 *
 * @param think Seconds before a step.
 * @param acknowledged Takes what the server answered 2xx to, at the moment of the answer.
 * @returns the id of the run, whose last state was answered to be Completed.
 */
export async function runLifecycle(
  client: RetryingClient,
  flowId: string,
  think: () => number,
  acknowledged: (answer: Acknowledged) => void,
): Promise<string> {
  await delay(think() * 1000)
  const created = await client.call('POST', '/flow_runs/', {
    flow_id: flowId,
    name: 'lifecycle',
    idempotency_key: randomUUID(),
    parameters: {},
    tags: ['lifecycle'],
    state: stateBody('PENDING', 'Pending'),
  })
  if (created.status >= 300) throw new Error(`create answered ${created.status}: ${created.body}`)
  const run = JSON.parse(created.body) as { id: string; state: { id: string } }
  acknowledged({ run: run.id, state: run.state.id })
  for (const [type, name] of [['RUNNING', 'Running'], ['COMPLETED', 'Completed']] as const) {
    await delay(think() * 1000)
    const moved = await client.call('POST', `/flow_runs/${run.id}/set_state`, { state: stateBody(type, name), force: false })
    if (moved.status >= 300) throw new Error(`${name} answered ${moved.status}: ${moved.body}`)
    const answer = JSON.parse(moved.body) as { status: string; state: { id: string; type: string }; details: unknown }
    // A step that was stored and whose answer was lost is rejected when it is made again; the state is the wanted one.
    if (answer.state.type !== type) throw new Error(`${name} answered ${moved.body}`)
    acknowledged({ run: run.id, state: answer.state.id })
  }
  return run.id
}
