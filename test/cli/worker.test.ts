import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { testServer } from '@spillway/sdk/testing'
import { freePort } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { liveFixture, repository } from './lib/command.ts'

const spillway = await liveFixture({}, { PREFECT_WORKER_QUERY_SECONDS: '0.3', PREFECT_WORKER_WEBSERVER_HOST: '127.0.0.1', PREFECT_WORKER_WEBSERVER_PORT: '0' })
const client = spillway.server.session.remote!.client
const cwd = path.join(repository, 'test/cli')
const deploy = (flow: string, pool: string): Promise<string> => spillway.ok(['deploy', `flows/deployed.ts:${flow}`, '--name', pool, '--pool', pool], { cwd })

test('a worker makes its pool, runs what was deployed to it, tells its health, and ends in order on SIGTERM', async () => {
  const worker = spillway.start(['worker', 'start', '--pool', 'fresh', '--name', 'w1', '--limit', '2', '--with-healthcheck'])
  const [, url] = await worker.shows(/health at (\S+)/)
  await eventually(async () => (await client.findWorkPool('fresh'))?.status === 'READY', 'the pool', 60)
  const health = await fetch(url!)
  assert.deepEqual([health.status, ((await health.json()) as { api: string }).api], [200, 'answers'])
  await deploy('countWords', 'fresh')
  const run = await spillway.json<FlowRunResponse>(['deployment', 'run', 'count-words/fresh', '--param', 'text=the dam holds', '--watch', '--watch-timeout', '60'])
  assert.equal(run.state_name, 'Completed')
  assert.equal((run.labels as Record<string, unknown>)['prefect.worker.name'], 'w1')
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended).code, 0)
})

test('with --run-once a worker runs what is due in its queue, and ends', async () => {
  await spillway.ok(['work-pool', 'create', 'once', '--type', 'process'])
  await spillway.ok(['work-queue', 'create', 'other', '--pool', 'once'])
  await deploy('failing', 'once')
  const { id } = await spillway.json<FlowRunResponse>(['deployment', 'run', 'failing/once'])
  assert.equal((await spillway.run(['worker', 'start', '--pool', 'once', '--work-queue', 'other', '--run-once'])).code, 0)
  assert.equal((await client.readFlowRun(id)).state_type, 'SCHEDULED')
  const { code, stderr } = await spillway.run(['worker', 'start', '--pool', 'once', '--work-queue', 'default', '--run-once'])
  assert.equal(code, 0, stderr)
  assert.equal((await client.readFlowRun(id)).state_type, 'FAILED')
})

test('a worker that is started while the server is away is well, and begins when the server comes', async () => {
  const port = await freePort()
  const worker = spillway.start(['worker', 'start', '--pool', 'late', '--with-healthcheck'], { env: { PREFECT_API_URL: `http://127.0.0.1:${port}/api` } })
  const [, url] = await worker.shows(/health at (\S+)/)
  await worker.shows(/does not answer as it should/)
  assert.equal((await fetch(url!)).status, 200)
  const server = await testServer({ PREFECT_SERVER_API_PORT: String(port) })
  after(() => server.close())
  await worker.shows(/of the pool late has started/, 60_000)
  assert.ok(await server.session.remote!.client.findWorkPool('late'))
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended).code, 0)
})

test('a pool of another type, and one that is not to be made, are told with what to do', async () => {
  await spillway.ok(['work-pool', 'create', 'boxes', '--type', 'docker'])
  for (const [words, hint] of [
    [['--pool', 'boxes'], /prefect worker start --pool boxes --type docker/],
    [['--pool', 'x', '--type', 'kubernetes'], /prefect worker start --pool x --type kubernetes/],
    [['--pool', 'nowhere', '--no-create-pool-if-not-found'], /spillway work-pool create nowhere/],
    [[], /--pool is missing/],
  ] as const) {
    const { code, stderr } = await spillway.run(['worker', 'start', ...words])
    assert.notEqual(code, 0)
    assert.match(stderr, hint)
  }
  assert.equal(await client.findWorkPool('nowhere'), undefined)
})
