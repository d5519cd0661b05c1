import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deploymentOf, flow, runDeployment } from '../../packages/sdk/src/index.ts'
import { registerDeployment } from '../../packages/sdk/src/deployments/deployment.ts'
import { sessionWith, startTarget } from './targets.ts'

const CALLS = 300

test(`${CALLS} runs of a deployment are started and waited for at once, over one stream, and all of them end`, async () => {
  const target = await startTarget('Spillway')
  const own = sessionWith(target.apiUrl)
  const { client, watcher } = own.session.remote!
  const child = flow({ name: 'child' }, () => 1)
  const deployment = await registerDeployment(client, deploymentOf(child, { name: 'test' }))

  let streamsMax = 0
  let isOver = false
  /** Stands for the runners of the children: whatever is due has run. */
  const runAll = async (): Promise<void> => {
    while (!isOver) {
      const due = await client.scheduledRunsOfDeployments({ deployment_ids: [deployment], scheduled_before: new Date(Date.now() + 1000).toISOString(), limit: 50 })
      streamsMax = Math.max(streamsMax, watcher.openStreams)
      for (const run of due) {
        await client.setFlowRunState(run.id, { type: 'RUNNING' }, true)
        await client.setFlowRunState(run.id, { type: 'COMPLETED' }, true)
      }
    }
  }
  const runner = runAll()
  const parent = flow({ name: 'parent' }, async () => {
    const runs = await Promise.all(Array.from({ length: CALLS }, (_, index) => runDeployment(child, 'test', {}, { tags: [`n-${index}`], pollEvery: '60s' })))
    return runs.map((run) => run.state?.name)
  })
  const outcome = await parent.run({}, { session: own.session })
  isOver = true
  await runner
  assert.ok(outcome.ok, String(!outcome.ok && outcome.error))
  assert.deepEqual(new Set(outcome.value), new Set(['Completed']))
  assert.equal(outcome.value.length, CALLS)
  assert.equal(streamsMax, 1)
  const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['parent'] } } })
  const tracking = await client.call<number>('POST', '/task_runs/count', { flow_runs: { id: { any_: [run!.id] } } }, { repeatable: true })
  assert.equal(tracking, CALLS)
})
