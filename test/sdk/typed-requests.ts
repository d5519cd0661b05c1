import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ApiError, type AnswerOf, type ApiClient, type RequestArguments, type RouteName } from '../../packages/sdk/src/client/index.ts'
import { missingFields, type OpenApi } from './promised-fields.ts'

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as OpenApi

/** What the generic request does against any server; its client is asked for when a test begins. */
export function testTypedRequests(clientOf: () => ApiClient): void {
  test('a run is made, moved, found, counted and deleted, by the names of routes alone', async () => {
    const client = clientOf()
    const { id: flowId } = await client.request('POST /flows/', { body: { name: 'typed' } })
    const run = await client.request('POST /flow_runs/', { body: { flow_id: flowId, name: 'one', tags: ['typed'], parameters: { x: 1 }, state: { type: 'PENDING' } } })
    assert.deepEqual([run.name, run.state_type, run.parameters, run.tags], ['one', 'PENDING', { x: 1 }, ['typed']])
    const path = { id: run.id }
    const { status, state } = await client.request('POST /flow_runs/{id}/set_state', { path, body: { state: { type: 'RUNNING', message: 'off it goes' } } })
    assert.deepEqual([status, state?.type, state?.message], ['ACCEPT', 'RUNNING', 'off it goes'])
    assert.deepEqual((await client.request('GET /flow_run_states/', { query: { flow_run_id: run.id } })).map(({ type }) => type), ['PENDING', 'RUNNING'])
    const found = await client.request('POST /flow_runs/filter', { body: { sort: 'ID_DESC', limit: 5, flow_runs: { tags: { all_: ['typed'] }, state: { type: { any_: ['RUNNING'] } } } } })
    assert.deepEqual(found.map(({ id }) => id), [run.id])
    assert.equal(await client.request('POST /flow_runs/count', { body: { flows: { name: { any_: ['typed'] } } } }), 1)
    const graph = await client.request('GET /flow_runs/{id}/graph-v2', { path, query: { since: '2020-01-01T00:00:00Z' } })
    assert.deepEqual(graph.nodes, [])
    assert.equal(await client.request('DELETE /flow_runs/{id}', { path }), undefined)
    assert.equal(await client.request('POST /flow_runs/count', { body: { flows: { name: { any_: ['typed'] } } } }), 0)
  })

  test('answers that are no JSON, or do not say so, come as what they are', async () => {
    const client = clientOf()
    const { id: flowId } = await client.request('POST /flows/', { body: { name: 'texts' } })
    const { id } = await client.request('POST /flow_runs/', { body: { flow_id: flowId } })
    await client.request('POST /logs/', { body: [{ name: 'typed', level: 20, message: 'a line, with a comma', timestamp: new Date().toISOString(), flow_run_id: id }] })
    assert.match(await client.request('GET /flow_runs/{id}/logs/download', { path: { id } }), /^timestamp,.*\r?\n.*"a line, with a comma"/)
    await client.request('POST /flow_runs/{id}/input', { path: { id }, body: { key: 'answer', value: '{"is":42}' } })
    assert.deepEqual(await client.request('GET /flow_runs/{id}/input/{key}', { path: { id, key: 'answer' } }), { is: 42 })
    assert.match(await client.request('GET /version'), /^\d+\.\d+/)
  })

  test('secrets come when the query asks for them', async () => {
    const client = clientOf()
    const { id: typeId } = await client.request('POST /block_types/', { body: { name: 'vault', slug: 'vault' } })
    const fields = { title: 'vault', type: 'object', properties: { key: { type: 'string', format: 'password', writeOnly: true } }, secret_fields: ['key'], block_schema_references: {} }
    const schema = await client.request('POST /block_schemas/', { body: { block_type_id: typeId, fields } })
    const block = await client.request('POST /block_documents/', { body: { name: 'main', data: { key: 'open sesame' }, block_type_id: typeId, block_schema_id: schema.id } })
    assert.equal((await client.request('GET /block_documents/{id}', { path: { id: block.id }, query: { include_secrets: true } })).data['key'], 'open sesame')
    assert.match(String((await client.request('GET /block_documents/{id}', { path: { id: block.id } })).data['key']), /^\*+$/)
  })

  test('an error of the server becomes the error of the client, which says what does not fit and where', async () => {
    const client = clientOf()
    const refused = async (answer: Promise<unknown>): Promise<ApiError> => {
      const error = await answer.then(() => undefined, (thrown: unknown) => thrown)
      assert.ok(error instanceof ApiError, String(error))
      return error
    }
    const missing = await refused(client.request('GET /flow_runs/{id}', { path: { id: randomUUID() } }))
    assert.deepEqual([missing.status, missing.reason, missing.faults], [404, 'Flow run not found', []])
    const wrong = await refused(client.request('POST /flow_runs/', { body: { flow_id: 'seven', tags: 'typed' as unknown as string[] } }))
    assert.deepEqual([wrong.status, wrong.reason], [422, 'Invalid request received.'])
    assert.deepEqual(wrong.faults.map(({ loc, type }) => [loc.join('.'), type]), [['body.flow_id', 'uuid_parsing'], ['body.tags', 'list_type']])
    await client.request('POST /variables/', { body: { name: 'once', value: 1 } })
    const twice = await refused(client.request('POST /variables/', { body: { name: 'once', value: 1 } }))
    assert.deepEqual([twice.status, twice.reason, twice.retryable], [409, 'A variable with the name \'once\' already exists.', false])
  })

  test('answers hold every field that their types promise', async () => {
    const client = clientOf()
    const answers: (readonly [RouteName, unknown])[] = []
    const ask = async <Route extends RouteName>(route: Route, ...request: RequestArguments<Route>): Promise<AnswerOf<Route>> => {
      const answer = await client.request(route, ...request)
      answers.push([route, answer])
      return answer
    }
    const { id: flowId } = await ask('POST /flows/', { body: { name: 'whole' } })
    const schedules = [{ schedule: { interval: 3600 } }, { schedule: { cron: '0 5 * * *' } }]
    const { id: deploymentId } = await ask('POST /deployments/', { body: { name: 'whole', flow_id: flowId, schedules } })
    const { id } = await ask('POST /deployments/{id}/create_flow_run', { path: { id: deploymentId }, body: {} })
    const { id: taskId } = await ask('POST /task_runs/', { body: { task_key: 'whole', dynamic_key: '0', flow_run_id: id, state: { type: 'PENDING' } } })
    await ask('POST /flow_runs/{id}/set_state', { path: { id }, body: { state: { type: 'PENDING' } } })
    await ask('GET /flow_runs/{id}', { path: { id } })
    await ask('GET /flow_run_states/', { query: { flow_run_id: id } })
    await ask('GET /task_runs/{id}', { path: { id: taskId } })
    await ask('GET /deployments/{id}', { path: { id: deploymentId } })
    await ask('POST /flow_runs/paginate')
    await ask('GET /flow_runs/{id}/graph-v2', { path: { id } })
    await ask('POST /artifacts/', { body: { key: 'whole', type: 'markdown', data: '# Whole', flow_run_id: id } })
    await ask('POST /artifacts/latest/filter')
    await ask('POST /work_pools/', { body: { name: 'whole', type: 'process' } })
    await ask('POST /work_pools/{work_pool_name}/queues/filter', { path: { work_pool_name: 'whole' } })
    await ask('POST /v2/concurrency_limits/', { body: { name: 'whole', limit: 2 } })
    await ask('GET /v2/concurrency_limits/{id_or_name}', { path: { id_or_name: 'whole' } })
    await ask('POST /variables/', { body: { name: 'whole', value: [1] } })
    await ask('POST /automations/', { body: {
      name: 'whole',
      trigger: { type: 'compound', require: 'any', triggers: [{ type: 'event', posture: 'Reactive', expect: ['a'] }, { type: 'sequence', triggers: [{ posture: 'Reactive', expect: ['b'] }], within: 60 }], within: 60 },
      actions: [{ type: 'do-nothing' }, { type: 'run-deployment', source: 'selected', deployment_id: deploymentId }],
    } })
    await ask('POST /block_types/filter', { body: { limit: 3 } })
    await ask('POST /saved_searches/filter')
    await ask('POST /events/filter', { body: { limit: 10 } })
    await ask('GET /admin/settings')
    assert.deepEqual(answers.flatMap(([route, answer]) => missingFields(document, route, answer)), [])
  })
}
