import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient, type CallOptions } from './rest.ts'
import { callOf, type AnswerOf, type BodyOf, type RequestOf } from './typed-call.ts'
import type { FlowRun, OrchestrationResult, StateType } from './types.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles only when both types are the same. */
function same<A, B>(_proof: Equal<A, B>): void {}

/** Notes what would be asked of the server. */
class RecordingClient extends RestClient {
  readonly asked: { method: string; path: string; body: unknown; options: CallOptions }[] = []

  constructor() {
    super({ settings: { apiUrl: 'http://127.0.0.1:1/api', apiKey: undefined, authString: undefined, customHeaders: {} } })
  }

  override call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
    this.asked.push({ method, path, body, options })
    return Promise.resolve(undefined as T)
  }
}

test('a request fills in its path, whatever is in the names, and asks with the parameters that it has', async () => {
  const client = new RecordingClient()
  await client.request('GET /deployments/name/{flow_name}/{deployment_name}', { path: { flow_name: 'a/b ?', deployment_name: 'ü' } })
  await client.request('GET /block_documents/{id}', { path: { id: '7' }, query: { include_secrets: true } })
  await client.request('GET /block_schemas/checksum/{checksum}', { path: { checksum: 'sha' }, query: { version: null } })
  await client.request('GET /health')
  assert.deepEqual(client.asked.map(({ method, path }) => `${method} ${path}`), [
    'GET /deployments/name/a%2Fb%20%3F/%C3%BC',
    'GET /block_documents/7?include_secrets=true',
    'GET /block_schemas/checksum/sha',
    'GET /health',
  ])
})

test('a name that would make another route of it is refused before anything is sent', async () => {
  const client = new RecordingClient()
  for (const name of ['', '.', '..', undefined as unknown as string]) {
    await assert.rejects(client.request('DELETE /variables/name/{name}', { path: { name } }), /cannot stand for \{name\} in the path/)
  }
  assert.equal(client.asked.length, 0)
})

test('what only asks may be repeated, what changes something by POST may not, and who calls has the last word', async () => {
  const repeatable = (route: Parameters<typeof callOf>[0]): boolean | undefined => callOf(route, { path: { id: '7', name: 'x' } }).options.repeatable
  assert.deepEqual([repeatable('POST /flow_runs/filter'), repeatable('POST /work_pools/{name}/get_scheduled_flow_runs'), repeatable('GET /flows/{id}'), repeatable('DELETE /flows/{id}')], [true, true, true, true])
  assert.deepEqual([repeatable('POST /flow_runs/'), repeatable('POST /flow_runs/{id}/set_state'), repeatable('POST /flow_runs/bulk_delete')], [false, false, false])
  const client = new RecordingClient()
  await client.request('POST /flows/', { body: { name: 'x' } }, { repeatable: true, headers: { 'x-own': '1' } })
  await client.request('POST /work_queues/{id}/get_runs', { path: { id: '7' }, headers: { 'x-prefect-ui': true } }, { headers: { 'x-own': '1' } })
  assert.deepEqual(client.asked.map(({ body, options }) => [body, options.repeatable, options.headers]), [
    [{ name: 'x' }, true, { 'x-own': '1' }],
    [undefined, true, { 'x-prefect-ui': 'true', 'x-own': '1' }],
  ])
})

test('what fits a route compiles, with the types of its answer, and what does not fit does not', () => {
  same<AnswerOf<'GET /flow_runs/{id}'>, FlowRun>(true)
  same<AnswerOf<'POST /flow_runs/{id}/set_state'>, OrchestrationResult>(true)
  same<AnswerOf<'POST /flow_runs/count'>, number>(true)
  same<AnswerOf<'DELETE /flow_runs/{id}'>, void>(true)
  same<RequestOf<'GET /flow_run_states/'>, { query: { flow_run_id: string } }>(true)
  same<BodyOf<'POST /flow_runs/{id}/set_state'>['state']['type'], StateType>(true)
  same<BodyOf<'GET /flow_runs/{id}'>, never>(true)
  same<BodyOf<'GET /health'>, never>(true)

  const client = new RecordingClient()
  const calls = [
    // Nothing here runs: it must only compile, or not.
    () => client.request('GET /health'),
    () => client.request('POST /flow_runs/filter'),
    () => client.request('POST /flow_runs/filter', { body: undefined }, { timeoutMs: 1 }),
    async (): Promise<string | undefined> => (await client.request('POST /flow_runs/filter', { body: { sort: 'ID_DESC', flow_runs: { state: { type: { any_: ['RUNNING'] } } } } }))[0]?.name,
    // @ts-expect-error there is no such route
    () => client.request('GET /flow_runs/{id}/stats', { path: { id: '7' } }),
    // @ts-expect-error the route is there, but not for this method
    () => client.request('PUT /flow_runs/{id}', { path: { id: '7' } }),
    // @ts-expect-error the path wants an id
    () => client.request('GET /flow_runs/{id}'),
    // @ts-expect-error it is called id
    () => client.request('GET /flow_runs/{id}', { path: { flow_run_id: '7' } }),
    // @ts-expect-error this route takes no body
    () => client.request('GET /flow_runs/{id}', { path: { id: '7' }, body: {} }),
    // @ts-expect-error nor does one that takes nothing
    () => client.request('GET /health', { body: {} }),
    // @ts-expect-error a field of the body is missing
    () => client.request('POST /flow_runs/', { body: { name: 'x' } }),
    // @ts-expect-error there is no such field
    () => client.request('POST /flow_runs/{id}/set_state', { path: { id: '7' }, body: { state: { type: 'RUNNING' }, forse: true } }),
    // @ts-expect-error there is no such state
    () => client.request('POST /flow_runs/{id}/set_state', { path: { id: '7' }, body: { state: { type: 'STARTED' } } }),
    // @ts-expect-error a filter takes a list
    () => client.request('POST /flow_runs/filter', { body: { flow_runs: { id: { any_: '7' } } } }),
    // @ts-expect-error there is no such query parameter
    () => client.request('GET /block_documents/{id}', { path: { id: '7' }, query: { secrets: true } }),
    // @ts-expect-error the answer has no such field
    async () => (await client.request('GET /flow_runs/{id}', { path: { id: '7' } })).stateName,
    // @ts-expect-error the answer may hold no state
    async () => (await client.request('GET /flow_runs/{id}', { path: { id: '7' } })).state.type,
  ]
  assert.equal(calls.length, 17)
})
