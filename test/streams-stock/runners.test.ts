import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../faults/eventually.ts'
import { startPython } from '../faults/python.ts'
import { RetryingClient } from '../faults/retrying-client.ts'
import { RestartableServer } from './lib/restartable-server.ts'

const serving = new URL('./drivers/serving.py', import.meta.url)
const command = new URL('./drivers/command.py', import.meta.url)
/** They ask for work each second. Cancellations they hear of by event: when that fails, they say so and begin to poll. */
const env = { PREFECT_RUNNER_POLL_FREQUENCY: '1', PREFECT_WORKER_QUERY_SECONDS: '1', PREFECT_WORKER_HEARTBEAT_SECONDS: '2' }
const signals = ['SIGTERM', 'SIGKILL'] as const
const pool = 'stock-pool'

test('a stock serve() hears by event of a cancellation that comes after restarts of the server', async (t) => {
  const { server, api } = await startServer(t)
  const part = await startPython(t, serving, server.apiUrl, [], { env })
  const deployment = await eventuallyFound(() => api.get(`/deployments/name/endless/served`), 'the deployment to be served')
  await cancelAfterRestarts(server, api, deployment['id'] as string)
  assert.doesNotMatch(part.errors(), /polling mode|Falling back|Traceback/)
})

test('a stock process worker goes on through restarts: runs, heartbeats, snapshots of its pool, cancellations by event', async (t) => {
  const { server, api } = await startServer(t)
  await api.post('/work_pools/', { name: pool, type: 'process' })
  const deployments = await deployFile(api)
  const part = await startPython(t, command, server.apiUrl, ['worker', 'start', '--pool', pool, '--type', 'process', '--name', 'stock-worker'], { env })
  const channelOpen = (): Promise<void> => eventually(async () => (await server.openStreams('worker-channel')) === 1, 'the worker channel to be open', 30)
  await channelOpen()
  // The worker makes the pool's template complete; a change of it must reach the worker at once, for the next run.
  const template = await eventuallyFound(async () => ((await api.get(`/work_pools/${pool}`))?.['base_job_template'] as { variables?: object })?.variables && (await api.get(`/work_pools/${pool}`)), 'the template')
  await cancelAfterRestarts(server, api, deployments.endless)
  await channelOpen()

  const beats = async (): Promise<string> => ((await api.post(`/work_pools/${pool}/workers/filter`, {})) as unknown as { last_heartbeat_time: string }[])[0]!.last_heartbeat_time
  const beat = await beats()
  await eventually(async () => (await beats()) > beat, 'a heartbeat after the restarts')

  const changed = JSON.parse(JSON.stringify(template['base_job_template'])) as { variables: { properties: { env: { default?: object } } } }
  changed.variables.properties.env.default = { STOCK_SNAPSHOT: 'after the restarts' }
  await api.patch(`/work_pools/${pool}`, { base_job_template: changed, is_paused: true })
  const file = path.join(server.home, 'written')
  await api.post(`/deployments/${deployments.writes}/create_flow_run`, { parameters: { path: file }, state: { type: 'SCHEDULED' } })
  const resumed = beats().then(async (before) => eventually(async () => (await beats()) > before, 'the paused pool to be asked'))
  await resumed
  assert.equal(existsSync(file), false, 'a paused pool gives nothing out')
  await api.patch(`/work_pools/${pool}`, { is_paused: false })
  await eventually(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the run of the resumed pool', 60)
  assert.equal(readFileSync(file, 'utf8'), 'after the restarts', 'the run has the template that came by the channel')
  assert.doesNotMatch(part.errors() + part.text(), /polling mode|Falling back|Traceback/)
})

type Json = Record<string, unknown>
type Api = ReturnType<typeof apiOf>

function apiOf(client: RetryingClient) {
  const call = async (method: string, route: string, body?: object): Promise<Json | undefined> => {
    const reply = await client.call(method, route, body)
    if (reply.status === 404) return undefined
    assert.ok(reply.status < 300, `${method} ${route} answered ${reply.status}: ${reply.body}`)
    return (reply.body === '' ? {} : JSON.parse(reply.body)) as Json
  }
  return {
    get: (route: string) => call('GET', route),
    post: async (route: string, body: object) => (await call('POST', route, body))!,
    patch: (route: string, body: object) => call('PATCH', route, body),
  }
}

async function startServer(t: { after(work: () => unknown): void }): Promise<{ server: RestartableServer; api: Api }> {
  const server = await RestartableServer.start(t)
  const client = new RetryingClient(server.apiUrl)
  t.after(() => client.close())
  return { server, api: apiOf(client) }
}

async function eventuallyFound(read: () => Promise<Json | false | undefined>, what: string): Promise<Json> {
  let found: Json | false | undefined
  await eventually(async () => Boolean((found = await read())), what, 60)
  return found as Json
}

/** Deploys both flows of the driver to the pool, by the file that they stand in. */
async function deployFile(api: Api): Promise<Record<'endless' | 'writes', string>> {
  const directory = path.dirname(fileURLToPath(serving))
  const deploy = async (name: string): Promise<string> => {
    const flow = await api.post('/flows/', { name })
    const pull_steps = [{ 'prefect.deployments.steps.set_working_directory': { directory } }]
    const body = { name: 'worked', flow_id: flow['id'], work_pool_name: pool, entrypoint: `serving.py:${name}`, path: '.', pull_steps }
    return (await api.post('/deployments/', body))['id'] as string
  }
  return { endless: await deploy('endless'), writes: await deploy('writes') }
}

/** A run is under way, the server is restarted twice, and the run is cancelled: it must end. */
async function cancelAfterRestarts(server: RestartableServer, api: Api, deploymentId: string): Promise<void> {
  const run = (await api.post(`/deployments/${deploymentId}/create_flow_run`, { state: { type: 'SCHEDULED' } }))['id'] as string
  const inState = (state: string): Promise<void> =>
    eventually(async () => (await api.get(`/flow_runs/${run}`))?.['state_name'] === state, `the run to be ${state}`, 60)
  await inState('Running')
  const streams = await server.openStreams('events-out')
  assert.ok(streams > 0, 'the observer listens')
  for (const signal of signals) {
    await server.stop(signal)
    await server.start()
    server.assertSoonBack()
    await eventually(async () => (await server.openStreams('events-out')) >= streams, 'the observers to be back', 30)
  }
  await api.post(`/flow_runs/${run}/set_state`, { state: { type: 'CANCELLING', name: 'Cancelling' } })
  await inState('Cancelled')
}
