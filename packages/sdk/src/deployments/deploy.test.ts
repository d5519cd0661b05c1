import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { flow } from '../engine/flow.ts'
import { testServer, type TestServer } from '../testing/index.ts'
import { deploy } from './deploy.ts'
import { deploymentOf, type DeploymentOptions } from './deployment.ts'

const nightly = flow({ name: 'nightly' }, async () => 1)
let server: TestServer

before(async () => {
  server = await testServer()
})
after(() => server.close())

test('runs of a process pool start in the folder that deployed them, those in containers where their image starts', async () => {
  const { client } = server.session.remote!
  const placeIn = async (type: string, path?: string): Promise<[path: string | null | undefined, folder: unknown]> => {
    const name = `${type}-${path ?? 'default'}`.replaceAll('/', '-')
    await client.createWorkPool({ name, type })
    const made = await client.readDeployment(await deploy(deploymentOf(nightly, { name }), { pool: name, ...(path === undefined ? {} : { path }) }))
    return [made.path, made.job_variables['working_dir']]
  }
  assert.deepEqual(await placeIn('process'), [process.cwd(), process.cwd()])
  assert.deepEqual(await placeIn('process', '/srv/flows'), ['/srv/flows', '/srv/flows'])
  assert.deepEqual(await placeIn('docker'), [null, undefined])
  assert.deepEqual(await placeIn('kubernetes', '/srv/flows'), ['/srv/flows', undefined])
})

test('what becomes of late runs travels as labels, and is gone when the deployment is made without', async () => {
  const { client } = server.session.remote!
  await client.createWorkPool({ name: 'late', type: 'process' })
  const labelsOf = async (options: Partial<DeploymentOptions>): Promise<Record<string, unknown>> => {
    const { labels } = await client.readDeployment(await deploy(deploymentOf(nightly, { name: 'late', ...options }), { pool: 'late' }))
    return Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => name.startsWith('spillway.')))
  }
  assert.deepEqual(await labelsOf({ catchUp: 'latest', maxLate: '10m' }), { 'spillway.catch-up': 'latest', 'spillway.max-late-seconds': 600 })
  assert.deepEqual(await labelsOf({}), {})
  await assert.rejects(labelsOf({ catchUp: 'newest' as 'latest' }), { name: 'TypeError', message: /all, latest, skip/ })
})
