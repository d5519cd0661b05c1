import { setTimeout as delay } from 'node:timers/promises'
import { RetryingClient } from '../../faults/retrying-client.ts'

interface Served {
  /** `flow/deployment` */
  name: string
  /** Ends it, and tells how many runs it has taken to Completed. */
  stop(): Promise<number>
}

/**
 * Deploys a flow and completes its runs as they come, with no process of their own: what is under test is their parent's sockets,
 * and hundreds of Python children would measure the machine.
 */
export async function serveQuickly(t: { after(work: () => unknown): void }, apiUrl: string, flowName: string): Promise<Served> {
  const client = new RetryingClient(apiUrl)
  const post = async (path: string, body: object): Promise<unknown> => {
    const reply = await client.call('POST', path, body)
    if (reply.status >= 300) throw new Error(`${path} answered ${reply.status}: ${reply.body}`)
    return JSON.parse(reply.body)
  }
  const flow = (await post('/flows/', { name: flowName })) as { id: string }
  const deployment = (await post('/deployments/', { name: 'quick', flow_id: flow.id })) as { id: string }
  let completed = 0
  let stopped = false
  const complete = async (id: string): Promise<void> => {
    for (const type of ['PENDING', 'RUNNING', 'COMPLETED']) await post(`/flow_runs/${id}/set_state`, { state: { type } })
    completed += 1
  }
  const run = async (): Promise<void> => {
    while (!stopped) {
      const scheduledBefore = new Date(Date.now() + 1_000).toISOString()
      const due = (await post('/deployments/get_scheduled_flow_runs', { deployment_ids: [deployment.id], scheduled_before: scheduledBefore, limit: 50 })) as { id: string }[]
      await Promise.all(due.map(({ id }) => complete(id)))
      await delay(100)
    }
  }
  const running = run()
  running.catch(() => {}) // Told by stop(); after a test that failed the server may be gone first.
  t.after(() => {
    stopped = true
    client.close()
  })
  return {
    name: `${flowName}/quick`,
    async stop() {
      stopped = true
      await running
      return completed
    },
  }
}
