import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const { id: flowId } = await client.createFlow('nightly')
const schema = { title: 'Parameters', type: 'object', properties: { day: { type: 'string' }, rows: { type: 'integer' } } }
const make = (name: string, more: object = {}): Promise<DeploymentResponse> => client.createDeployment({ name, flow_id: flowId, parameter_openapi_schema: schema, ...more })
const soon = (seconds: number): number => Date.now() + seconds * 1000

test('deployments are listed, of all flows or of some, and one is shown by name and by id', async () => {
  const prod = await make('listed', { schedules: [{ schedule: { cron: '0 3 * * *' } }] })
  const other = await client.createFlow('weekly')
  await client.createDeployment({ name: 'listed', flow_id: other.id })
  assert.match(await spillway.ok(['deployment', 'ls']), /^nightly\/listed .*cron: 0 3 \* \* \*/m)
  const ofWeekly = await spillway.json<DeploymentResponse[]>(['deployments', 'ls', 'weekly'])
  assert.deepEqual(ofWeekly.map((one) => one.flow_id), [other.id])
  assert.equal((await spillway.json<DeploymentResponse>(['deployment', 'inspect', 'nightly/listed'])).id, prod.id)
  assert.match(await spillway.ok(['deployment', 'inspect', '--id', prod.id]), /^name +listed$/m)
})

test('a run is created with parameters, variables, tags and a name, and starts when it is told to', async () => {
  await make('runnable', { parameters: { day: 'monday' } })
  const given = ['--param', 'rows=3', '--params', '{"rows": 1, "day": "tuesday"}', '--job-variable', 'env={"A": "1"}', '--tag', 'x', '--tag', 'y', '--flow-run-name', 'of {day}']
  const run = await spillway.json<FlowRunResponse>(['deployment', 'run', 'nightly/runnable', ...given, '--start-in', '2 hours'])
  const stored = await client.readFlowRun(run.id)
  assert.deepEqual([stored.name, stored.parameters, stored.tags, stored.job_variables], ['of tuesday', { rows: 3, day: 'tuesday' }, ['x', 'y'], { env: { A: '1' } }])
  const startsIn = Date.parse(stored.expected_start_time!) - Date.now()
  assert.ok(Math.abs(startsIn - 7_200_000) < 120_000, `it starts in ${startsIn} ms`)
  const [, id] = /^id +(\S+)$/m.exec(await spillway.ok(['deployment', 'run', 'nightly/runnable', '--params', '-', '--start-at', '2035-01-31T09:00:00Z'], { input: '{"rows": 9}' }))!
  const later = await client.readFlowRun(id!)
  assert.deepEqual([later.parameters['rows'], Date.parse(later.expected_start_time!)], [9, Date.parse('2035-01-31T09:00:00Z')])
})

test('parameters that the flow does not have, and times that are none, are refused before a run is made', async () => {
  await make('strict')
  for (const [words, hint] of [
    [['--param', 'rwos=3'], /Did you mean 'rows'\?/],
    [['--start-in', 'banana'], /--start-in 'banana' is not understood/],
    [['--start-in', '1 hour', '--start-at', '5pm'], /cannot both/],
  ] as const) {
    const { code, stderr } = await spillway.run(['deployment', 'run', 'nightly/strict', ...words])
    assert.equal(code, 2)
    assert.match(stderr, hint)
  }
  assert.equal(await client.call('POST', '/flow_runs/count', { deployments: { name: { any_: ['strict'] } } }), 0)
})

test('watching a run tells how it ends, and the exit code whether it completed', async () => {
  const { id } = await make('watched')
  const created = async (): Promise<FlowRunResponse> => {
    for (;;) {
      const [run] = await client.filterFlowRuns({ deployments: { id: { any_: [id] } }, flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } })
      if (run) return run
      assert.ok(Date.now() < deadline, 'no run was made')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const deadline = soon(120)
  const good = spillway.start(['deployment', 'run', 'nightly/watched', '--watch', '--watch-interval', '1'])
  await client.setFlowRunState((await created()).id, { type: 'COMPLETED' }, true)
  const ended = await good.ended
  assert.equal(ended.code, 0, ended.stderr)
  assert.match(ended.stdout, /ended Completed/)
  const bad = spillway.start(['deployment', 'run', 'nightly/watched', '--watch'])
  await client.setFlowRunState((await created()).id, { type: 'FAILED', message: 'no water' }, true)
  const failed = await bad.ended
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /ended Failed: no water/)
  const late = await spillway.run(['deployment', 'run', 'nightly/watched', '--watch', '--watch-timeout', '1'])
  assert.equal(late.code, 1)
  assert.match(late.stderr, /has not ended within 1 seconds/)
})

test('a deployment is paused and resumed', async () => {
  const { id } = await make('changing')
  await spillway.ok(['deployment', 'pause', 'nightly/changing'])
  assert.equal((await client.readDeployment(id)).paused, true)
  assert.equal((await spillway.json<DeploymentResponse>(['deployment', 'resume', '--id', id])).paused, false)
})

test('a deployment is deleted, and one that is not there has near names', async () => {
  await make('doomed')
  const { code, stderr } = await spillway.run(['deployment', 'delete', 'nightly/domed', '--yes'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'nightly\/doomed'/)
  await spillway.ok(['deployment', 'delete', 'nightly/doomed', '--yes'])
  assert.equal(await client.findDeployment('nightly', 'doomed'), undefined)
})

test('all deployments are deleted with --all, and only when somebody says so', async () => {
  await make('last')
  assert.equal((await spillway.run(['deployment', 'delete', '--all'])).code, 2)
  assert.ok(await client.findDeployment('nightly', 'last'))
  await spillway.ok(['deployment', 'delete', '--all', '--yes'])
  assert.equal(await client.call('POST', '/deployments/count', {}), 0)
})
