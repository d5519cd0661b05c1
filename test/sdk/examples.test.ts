import assert from 'node:assert/strict'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { setDefaultSession, type ApiClient } from '../../packages/sdk/src/index.ts'
import { payout } from '../../examples/approval.ts'
import { tripPlan } from '../../examples/call-python.ts'
import { etl } from '../../examples/etl.ts'
import { fanOut } from '../../examples/fan-out.ts'
import { makeAutomation, refund, takeOrders } from '../../examples/react-to-events.ts'
import { deploymentOf } from '../../packages/sdk/src/index.ts'
import { registerDeployment } from '../../packages/sdk/src/deployments/deployment.ts'
import { eventually } from '../faults/eventually.ts'
import { start, startProgram } from './processes.ts'
import { sessionWith, startTarget } from './targets.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))

describe('every example does what it says', () => {
  let client: ApiClient
  let env: Record<string, string>

  before(async () => {
    const target = await startTarget('Spillway')
    const own = sessionWith(target.apiUrl)
    setDefaultSession(own.session)
    client = own.session.remote!.client
    env = own.env
  })

  test('etl: every third page needs a second attempt, and the sum is shown', async () => {
    assert.deepEqual(await etl({ pages: 6 }), { rows: 60, total: 945 })
    const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['etl'] } } })
    assert.equal(run?.name, 'etl of 6 pages')
    const pages = await client.filterTaskRuns({ flow_runs: { id: { any_: [run!.id] } }, task_runs: { tags: { all_: ['io'] } } })
    assert.deepEqual(pages.map((page) => page.run_count).toSorted(), [1, 1, 1, 1, 2, 2])
    assert.equal((await client.latestArtifact('etl-summary'))?.flow_run_id, run?.id)
  })

  test('fan-out: the limit of the server holds', async () => {
    await client.call('POST', '/v2/concurrency_limits/', { name: 'warehouse', limit: 4 })
    const { answers, atATime } = await fanOut({ tenants: 8 })
    assert.equal(answers, 8)
    assert.ok(atATime <= 4)
  })

  test('the programs end by themselves when their flows are through', async () => {
    for (const [file, printed] of [['etl.ts', /rows: 120/], ['fan-out.ts', /answers: 20/]] as const) {
      const program = startProgram(path.join(examples, file), env)
      assert.deepEqual(await program.ended, { code: 0, signal: null }, program.output())
      assert.match(program.output(), printed)
    }
  })

  test('approval: the payment waits for an answer', async () => {
    const paid = payout({ amount: 100 })
    let id = ''
    await eventually(async () => {
      const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['payout'] } } })
      id = run?.id ?? ''
      return run?.state_name === 'Paused' && (await client.readFlowRunInput(id, 'paused-1-description')) !== undefined
    }, 'the run to pause', 60)
    assert.equal((await client.resumeFlowRun(id, { approve: true, reason: 'looks right' })).status, 'ACCEPT')
    assert.deepEqual(await paid, { paid: 100 })
  })

  test('react-to-events: an event tells of what cannot be fulfilled, and the automation is there', async () => {
    await registerDeployment(client, deploymentOf(refund, { name: 'prod' }))
    await makeAutomation()
    assert.deepEqual(await takeOrders({ orders: [{ id: 'A7', paid: true, inStock: false }, { id: 'A8', paid: true, inStock: true }] }), { unfulfillable: 1 })
    const filter = { event: { name: ['order.unfulfillable'] }, resource: { id: ['shop.order.A7'] } }
    await eventually(async () => (await client.filterEvents({ filter })).total === 1, 'the event', 60)
    const automations = await client.call<{ name: string }[]>('POST', '/automations/filter', {}, { repeatable: true })
    assert.ok(automations.some(({ name }) => name === 'Refund what cannot be fulfilled'))
  })

  test('call-python: the types are those of the deployment, and its forecasts are read', async () => {
    const { python } = await ensurePrefect('3.8.8')
    start(python, [path.join(examples, 'call_python.py')], { ...env, PREFECT_RUNNER_POLL_FREQUENCY: '1', PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1' })
    await eventually(async () => (await client.findDeployment('forecast', 'prod')) !== undefined, 'forecast/prod to be served', 120)
    const generated = ['generate', '--check', '--deployment', 'forecast/prod', '--out', path.join(examples, 'call-python.generated.ts')]
    const check = startProgram('packages/cli/src/main.ts', env, generated)
    assert.deepEqual(await check.ended, { code: 0, signal: null }, check.output())
    assert.deepEqual(await tripPlan({ cities: ['Lyon'] }), { city: 'Lyon', day: 4, degrees: 24 })
  })
})
