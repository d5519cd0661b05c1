import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { WorkPoolConcurrencyStatus, WorkPoolResponse } from '@spillway/core/wire/work-pools'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const template = { job_configuration: { command: '{{ command }}' }, variables: { type: 'object', properties: { command: { type: 'string', default: 'true' } } } }

test('a pool is created with the template of its type, and the same name again is refused', async () => {
  await spillway.ok(['work-pool', 'create', 'local', '--type', 'process'])
  const pool = await client.readWorkPool('local')
  assert.equal(pool.type, 'process')
  assert.ok('job_configuration' in pool.base_job_template)
  const again = await spillway.run(['work-pool', 'create', 'local', '--type', 'process'])
  assert.equal(again.code, 1)
  assert.match(again.stderr, /--overwrite/)
  const file = path.join(spillway.home, 'job.json')
  writeFileSync(file, JSON.stringify(template))
  await spillway.ok(['work-pool', 'create', 'local', '--overwrite', '--base-job-template', file, '--paused'])
  const changed = await client.readWorkPool('local')
  assert.deepEqual([changed.is_paused, changed.base_job_template], [true, template])
})

test('a type that is not known is refused with the near one', async () => {
  const { code, stderr } = await spillway.run(['work-pool', 'create', 'x', '--type', 'kubernets'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'kubernetes'\?/)
})

test('a pool can be the default of deployments: the active profile says so', async () => {
  await spillway.ok(['work-pool', 'create', 'standard', '--type', 'process', '--set-as-default'])
  assert.match(readFileSync(path.join(spillway.home, 'profiles.toml'), 'utf8'), /PREFECT_DEFAULT_WORK_POOL_NAME = "standard"/)
})

test('a pool is paused, resumed, described and limited, and the limit is taken away', async () => {
  await client.createWorkPool({ name: 'changing', type: 'process' })
  await spillway.ok(['work-pool', 'pause', 'changing'])
  assert.equal((await client.readWorkPool('changing')).is_paused, true)
  await spillway.ok(['work-pool', 'resume', 'changing'])
  await spillway.ok(['work-pool', 'update', 'changing', '--description', 'this machine', '--concurrency-limit', '4'])
  const updated = await client.readWorkPool('changing')
  assert.deepEqual([updated.is_paused, updated.description, updated.concurrency_limit], [false, 'this machine', 4])
  assert.equal((await spillway.json<WorkPoolResponse>(['work-pool', 'set-concurrency-limit', 'changing', '7'])).concurrency_limit, 7)
  await spillway.ok(['work-pool', 'clear-concurrency-limit', 'changing'])
  assert.equal((await client.readWorkPool('changing')).concurrency_limit, null)
})

test('pools are listed and shown, and a pool that is not there has near names', async () => {
  await client.createWorkPool({ name: 'listed', type: 'docker' })
  assert.match(await spillway.ok(['work-pool', 'ls']), /^listed +docker +not ready/m)
  assert.match(await spillway.ok(['work-pool', 'inspect', 'listed']), /^type +docker$/m)
  const { code, stderr } = await spillway.run(['work-pool', 'inspect', 'lsited'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'listed'\?/)
})

test('the preview of a pool shows the runs that are due, and its slots those that hold one', async () => {
  await client.createWorkPool({ name: 'busy', type: 'process' })
  const flow = await client.createFlow('of-busy')
  const deployment = await client.createDeployment({ name: 'd', flow_id: flow.id, work_pool_name: 'busy' })
  const run = await client.createFlowRunFromDeployment(deployment.id, { state: { type: 'SCHEDULED', state_details: { scheduled_time: new Date(Date.now() + 5_400_000).toISOString() } } })
  assert.deepEqual(await spillway.json<FlowRunResponse[]>(['work-pool', 'preview', 'busy']), [])
  assert.deepEqual((await spillway.json<FlowRunResponse[]>(['work-pool', 'preview', 'busy', '-h', '2'])).map(({ id }) => id), [run.id])
  await spillway.ok(['work-pool', 'set-concurrency-limit', 'busy', '2'])
  await client.setFlowRunState(run.id, { type: 'RUNNING' }, true)
  const slots = await spillway.json<WorkPoolConcurrencyStatus>(['work-pool', 'slots', 'busy'])
  assert.deepEqual([slots.active_slots, slots.queues.flatMap((queue) => queue.flow_runs.map(({ id }) => id))], [1, [run.id]])
})

test('the default template of a type is printed, and written to a file', async () => {
  const file = path.join(spillway.home, 'default.json')
  const printed = JSON.parse(await spillway.ok(['work-pool', 'get-default-base-job-template', '--type', 'process'])) as object
  await spillway.ok(['work-pool', 'get-default-base-job-template', '-t', 'process', '-f', file])
  assert.ok('variables' in printed)
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), printed)
})

test('a pool is deleted when somebody says so', async () => {
  await client.createWorkPool({ name: 'doomed', type: 'process' })
  assert.equal((await spillway.run(['work-pool', 'delete', 'doomed'])).code, 2)
  await spillway.ok(['work-pool', 'delete', 'doomed', '-y'])
  assert.equal(await client.findWorkPool('doomed'), undefined)
})
