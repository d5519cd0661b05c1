import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore } from '../storage/sqlite/testing.ts'
import { bodyOf, everySeconds, makeDeployment, makePool, makeRun, plainRun, toldEvents } from './deployments.fixture.ts'
import type { ScheduleChanges } from './deployment-schedules.ts'

const refuses = (status: number, detail: RegExp) => (error: { status: number; body: { detail: string } }) => {
  assert.equal(error.status, status)
  assert.match(error.body.detail, detail)
  return true
}

test('an upsert keeps what it does not mention, and tells only what changed', async () => {
  const store = openTestStore()
  const first = await makeDeployment(store, { description: 'old', tags: ['a'], version: '1' })
  const second = await makeDeployment(store, { version: '2' })
  assert.equal(second.id, first.id)
  assert.deepEqual([second.description, second.tags, second.version], ['old', ['a'], '2'])
  await makeDeployment(store, { version: '2' })
  assert.deepEqual(toldEvents(store).filter((name) => name.startsWith('prefect.deployment')), [
    'prefect.deployment.created',
    'prefect.deployment.updated',
  ])
  const [event] = store.all<{ body: string }>(`select body from event where event = 'prefect.deployment.updated'`)
  assert.deepEqual(JSON.parse(event!.body).payload, { updated_fields: ['version'], updates: { version: { from: '1', to: '2' } } })
  store.close()
})

test('a pool or queue is found or made, and taken away again with null', async () => {
  const store = openTestStore()
  const pool = await makePool(store)
  const inPool = await makeDeployment(store, { work_pool_name: 'dock' })
  assert.deepEqual([inPool.work_queue_id, inPool.work_queue_name, inPool.work_pool_name], [pool.default_queue_id, 'default', 'dock'])
  const inQueue = await makeDeployment(store, { work_pool_name: 'dock', work_queue_name: 'left' })
  assert.equal(inQueue.work_queue_name, 'left')
  await store.write('updateDeployment', { id: inPool.id, changes: { work_pool_name: null } })
  const out = bodyOf(await store.read('readDeployment', { id: inPool.id }))
  assert.deepEqual([out.work_queue_id, out.work_pool_name], [null, null])
  await assert.rejects(makeDeployment(store, { work_pool_name: 'nowhere' }), refuses(404, /Work pool "nowhere" not found/))
  store.close()
})

test('a concurrency limit of its own comes, changes and goes with the deployment', async () => {
  const store = openTestStore()
  const { id, global_concurrency_limit: limit } = await makeDeployment(store, { concurrency_limit: 2 })
  assert.deepEqual([limit.name, limit.limit], [`deployment:${id}`, 2])
  await store.write('updateDeployment', { id, changes: { concurrency_limit: 3 } })
  assert.deepEqual(store.all('select name, "limit" from concurrency_limit').map((row) => ({ ...row })), [{ name: `deployment:${id}`, limit: 3 }])
  await store.write('updateDeployment', { id, changes: { concurrency_limit: null } })
  assert.equal(store.all('select * from concurrency_limit').length, 0)
  store.close()
})

test('deleting takes the waiting runs along and leaves the others', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { schedules: [everySeconds(3600)] })
  const running = await makeRun(store, id, { state: { type: 'RUNNING' } })
  await makeRun(store, id)
  const waiting = await makeRun(store, id, { state: { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot' } })
  await store.write('deleteDeployment', { id })
  const left = store.all<{ id: string; deployment_id: string }>('select id, deployment_id from flow_run')
  assert.deepEqual(new Set(left.map((run) => run.id)), new Set([running.id, waiting.id]))
  assert.equal(left[0]!.deployment_id, id)
  await assert.rejects(store.write('deleteDeployment', { id }), refuses(404, /^Deployment not found$/))
  store.close()
})

const change = (given: Partial<ScheduleChanges>): ScheduleChanges => ({
  schedule: null, active: null, max_scheduled_runs: null, parameters: {}, slug: null, replaces: null, ...given,
})

test('schedules with slugs are changed one by one, renamed, and swapped', async () => {
  const store = openTestStore()
  const schedules = [everySeconds(3600, { slug: 'a' }), everySeconds(7200, { slug: 'b' })]
  const { id } = await makeDeployment(store, { schedules })
  const update = (changes: ScheduleChanges[]) => store.write('updateDeployment', { id, changes: { schedules: changes } })
  const stored = () =>
    store.all<{ slug: string; active: number; id: string }>('select slug, active, id from deployment_schedule order by slug')
  const [a, b] = stored()
  await update([change({ slug: 'a', active: false })])
  assert.deepEqual(stored().map(({ slug, active }) => [slug, active]), [['a', 0], ['b', 1]])
  await update([change({ slug: 'b', replaces: 'a' }), change({ slug: 'a', replaces: 'b' })])
  assert.deepEqual(stored().map((row) => row.id), [b!.id, a!.id])
  await update([])
  assert.equal(stored().length, 2)
  await assert.rejects(update([change({})]), refuses(422, /^Please provide a slug for each schedule/))
  await assert.rejects(update([change({ slug: 'c' })]), refuses(422, /without a schedule configuration/))
  await assert.rejects(update([change({ slug: 'b', replaces: 'a' })]), refuses(422, /^Cannot rename schedule from 'a' to 'b'/))
  await assert.rejects(
    update([change({ slug: 'x', replaces: 'a' }), change({ slug: 'y', replaces: 'a' })]),
    refuses(422, /^Multiple schedules have 'replaces' targeting the same slug: a$/),
  )
  store.close()
})

const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] }

test('parameters of a run are hydrated and held against the schema', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { parameter_openapi_schema: schema, parameters: { label: 'x' } })
  const run = await makeRun(store, id, { parameters: { count: { __prefect_kind: 'json', value: '3' } } })
  assert.deepEqual(run.parameters, { label: 'x', count: 3 })
  await assert.rejects(makeRun(store, id), refuses(409, /^Error creating flow run: Validation failed. Failure reason: 'count'/))
  await assert.rejects(
    makeRun(store, id, { parameters: { count: { __prefect_kind: 'json', value: '{' } } }),
    refuses(400, /^Error hydrating flow run parameters: Invalid JSON/),
  )
  assert.equal((await makeRun(store, id, { enforce_parameter_schema: false })).parameters.label, 'x')
  store.close()
})

test('whole numbers beyond what a double holds reach the run as they were sent', async () => {
  const store = openTestStore()
  const ns = 1732104000123456789n
  const { id } = await makeDeployment(store, {
    parameters: { from: ns },
    parameter_openapi_schema: { type: 'object', properties: { from: { type: 'integer', minimum: 5 }, to: { type: 'integer' } } },
    enforce_parameter_schema: true,
    schedules: [everySeconds(3600, { parameters: { to: ns } })],
  })
  await makeRun(store, id, { parameters: { to: ns } })
  const runs = store.all<{ parameters: string }>('select distinct parameters from flow_run')
  assert.deepEqual(runs.map((run) => run.parameters), [`{"from":${ns},"to":${ns}}`])
  store.close()
})

test('many runs are made at once, and one that is refused does not spoil the others', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { parameter_openapi_schema: schema })
  const runs = [
    { ...plainRun, parameters: { count: 1 } },
    { ...plainRun, parameters: { count: 'x' } },
    { ...plainRun, parameters: { count: 2 }, work_queue_name: 'q' },
  ]
  const { results } = bodyOf(
    await store.write('createRunsFromDeployment', { id, runs, createdBy: null, clientVersion: null, apiVersion: null }),
  )
  assert.deepEqual(results.map((result: { status: string }) => result.status), ['CREATED', 'FAILED', 'FAILED'])
  assert.match(results[1].error, /^Parameter validation failed: Validation failed for field 'count'/)
  assert.match(results[2].error, /^Cannot create flow run in work queue q because deployment/)
  assert.equal(store.all('select id from flow_run').length, 1)
  store.close()
})

const template = {
  job_configuration: { image: '{{ image }}', cpu: '{{ cpu }}' },
  variables: {
    type: 'object',
    properties: { image: { type: 'string' }, cpu: { type: 'integer', default: 1 } },
    required: ['image'],
  },
}

test('job variables are held against the template of the pool: in part for a deployment, as a whole for a run', async () => {
  const store = openTestStore()
  await makePool(store, { base_job_template: template })
  const { id } = await makeDeployment(store, { work_pool_name: 'dock' })
  await assert.rejects(
    makeDeployment(store, { work_pool_name: 'dock', job_variables: { cpu: 'two' } }),
    refuses(422, /^Error creating deployment: Validation failed for field 'cpu'/),
  )
  await assert.rejects(makeRun(store, id), refuses(422, /^Error creating flow run: Validation failed. Failure reason: 'image'/))
  assert.ok(await makeRun(store, id, { job_variables: { image: 'busybox' } }))
  const wrong = structuredClone(template)
  Object.assign(wrong.variables.properties.cpu, { default: 'many' })
  await assert.rejects(
    makePool(store, { name: 'other', base_job_template: wrong }),
    refuses(422, /^Validation failed for work pool's job variable defaults: /),
  )
  store.close()
})
