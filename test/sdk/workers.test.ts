import assert from 'node:assert/strict'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { deploy, deploymentOf, runDeployment, setDefaultSession, type ApiClient } from '../../packages/sdk/src/index.ts'
import { eventually } from '../faults/eventually.ts'
import { shouts } from './flows/on-a-worker.ts'
import { start, startProgram } from './processes.ts'
import { sessionWith, startTarget } from './targets.ts'

const here = path.dirname(fileURLToPath(import.meta.url))
const child = path.resolve(here, '../../packages/sdk/src/runner/child.ts')

describe('workers of both kinds run deployments of both languages', () => {
  let client: ApiClient
  let env: Record<string, string>

  before(async () => {
    const { python } = await ensurePrefect('3.8.8')
    const target = await startTarget('Spillway')
    const own = sessionWith(target.apiUrl)
    setDefaultSession(own.session)
    client = own.session.remote!.client
    env = { ...own.env, PREFECT_WORKER_QUERY_SECONDS: '1', PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1', PATH: `${path.dirname(python)}${path.delimiter}${process.env['PATH'] ?? ''}` }
    start(path.join(path.dirname(python), 'prefect'), ['worker', 'start', '--pool', 'stock', '--type', 'process'], env)
    startProgram(path.join(here, 'flows/own-worker.ts'), env, ['own'])
    for (const pool of ['stock', 'own']) await eventually(async () => (await client.findWorkPool(pool))?.status === 'READY', `the worker of ${pool}`, 120)
  })

  test('a stock Python worker runs a TypeScript deployment by its command', async () => {
    const command = `${process.execPath} --conditions=spillway-source ${child}`
    await deploy(deploymentOf(shouts, { name: 'stock' }), { pool: 'stock', command })
    const run = await runDeployment(shouts, 'stock', { text: 'dam' }, { timeout: '100s' })
    assert.deepEqual(await run.result(), { text: 'DAM' })
  })

  test('our worker runs a TypeScript deployment, and a Python one', async () => {
    await deploy(deploymentOf(shouts, { name: 'own' }), { pool: 'own' })
    const { id: flowId } = await client.createFlow('py-on-a-worker')
    await client.createDeployment({ name: 'own', flow_id: flowId, path: here, entrypoint: 'python/hello_worker.py:hello', work_pool_name: 'own' })
    const [ours, theirs] = await Promise.all([runDeployment(shouts, 'own', { text: 'river' }), runDeployment('py-on-a-worker/own', { name: 'river' }, { timeout: '100s' })])
    assert.deepEqual(await ours.result(), { text: 'RIVER' })
    assert.equal(await theirs.result(), 'Hello, river!')
    const labels = (await client.readFlowRun(ours.id)).labels as Record<string, unknown>
    assert.equal(labels['prefect.work-pool.name'], 'own')
  })

  test('a deployment for a pool that is not there is refused with what to do', async () => {
    await assert.rejects(deploy(deploymentOf(shouts, { name: 'x' }), { pool: 'nowhere' }), /prefect work-pool create nowhere/)
  })
})
