import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { WorkQueueConcurrencyStatus, WorkQueueResponse } from '@spillway/core/wire/work-queues'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
await client.createWorkPool({ name: 'local', type: 'process' })
const read = (name: string): Promise<WorkQueueResponse> => client.call<WorkQueueResponse>('GET', `/work_pools/local/queues/${name}`)
const make = (name: string): Promise<WorkQueueResponse> => client.call<WorkQueueResponse>('POST', '/work_pools/local/queues', { name })

test('a queue is created in a pool with its limit and priority', async () => {
  await spillway.ok(['work-queue', 'create', 'urgent', '--pool', 'local', '--limit', '2', '--priority', '1'])
  const queue = await read('urgent')
  assert.deepEqual([queue.concurrency_limit, queue.priority], [2, 1])
})

test('a queue is paused, resumed, limited and unlimited, by its name or its id', async () => {
  const { id } = await make('changing')
  await spillway.ok(['work-queue', 'pause', 'changing', '--pool', 'local'])
  assert.equal((await read('changing')).is_paused, true)
  assert.equal((await spillway.run(['work-queue', 'pause', id])).code, 2)
  await spillway.ok(['work-queue', 'resume', id])
  assert.equal((await read('changing')).is_paused, false)
  await spillway.ok(['work-queue', 'set-concurrency-limit', 'changing', '3', '--pool', 'local'])
  assert.equal((await read('changing')).concurrency_limit, 3)
  assert.equal((await spillway.json<WorkQueueResponse>(['work-queue', 'clear-concurrency-limit', 'changing', '-p', 'local'])).concurrency_limit, null)
})

test('queues are listed by pool and by how their names begin, and one is shown with its health', async () => {
  await make('listed-a')
  await make('listed-b')
  const listed = await spillway.json<WorkQueueResponse[]>(['work-queue', 'ls', '--pool', 'local', '--match', 'listed'])
  assert.deepEqual(listed.map(({ name }) => name).toSorted(), ['listed-a', 'listed-b'])
  assert.match(await spillway.ok(['work-queue', 'ls']), /^listed-a +local/m)
  assert.match(await spillway.ok(['work-queue', 'inspect', 'listed-a', '--pool', 'local']), /^healthy +false$/m)
})

test('the preview of a queue does not poll it, reading its runs does', async () => {
  await make('due')
  const flow = await client.createFlow('of-due')
  const deployment = await client.createDeployment({ name: 'd', flow_id: flow.id, work_pool_name: 'local', work_queue_name: 'due' })
  const run = await client.createFlowRunFromDeployment(deployment.id, {})
  const ids = async (word: string): Promise<string[]> => (await spillway.json<FlowRunResponse[]>(['work-queue', word, 'due', '--pool', 'local'])).map(({ id }) => id)
  assert.deepEqual(await ids('preview'), [run.id])
  assert.equal((await read('due')).last_polled, null)
  assert.deepEqual(await ids('read-runs'), [run.id])
  await spillway.ok(['work-queue', 'set-concurrency-limit', 'due', '1', '--pool', 'local'])
  await client.setFlowRunState(run.id, { type: 'RUNNING' }, true)
  const slots = await spillway.json<WorkQueueConcurrencyStatus>(['work-queue', 'slots', 'due', '--pool', 'local'])
  assert.deepEqual([slots.active_slots, slots.flow_runs.map(({ id }) => id)], [1, [run.id]])
})

test('a queue is deleted, and one that is not there has near names', async () => {
  await make('doomed')
  const { code, stderr } = await spillway.run(['work-queue', 'delete', 'domed', '--pool', 'local', '--yes'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'doomed'\?/)
  await spillway.ok(['work-queue', 'delete', 'doomed', '--pool', 'local', '--yes'])
  await assert.rejects(read('doomed'), /404/)
})
