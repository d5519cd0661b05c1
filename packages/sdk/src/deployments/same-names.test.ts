import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadFlow } from '../engine/registry.ts'
import { deploy, deploymentOf, flow, serve, Session, setDefaultSession, SpillwayError } from '../index.ts'
import { readSdkSettings } from '../settings.ts'
import { testServer, type TestServer } from '../testing/index.ts'
import { elsewhere } from './same-names.fixture.ts'

const here = flow({ name: 'namesake' }, () => 'of the test')
const fixture = new URL('./same-names.fixture.ts', import.meta.url).href
const code = (expected: string) => (error: unknown): boolean => error instanceof SpillwayError && error.code === expected

test('of two flows of one name in different files each is found in its own', async () => {
  assert.match(deploymentOf(here, { name: 'x' }).entrypoint, /same-names\.test\.ts:namesake$/)
  assert.match(deploymentOf(elsewhere, { name: 'x' }).entrypoint, /same-names\.fixture\.ts:namesake$/)
  assert.equal(await loadFlow(fixture, 'namesake'), elsewhere)
  assert.equal(await loadFlow(import.meta.url, 'namesake'), here)
})

test('a flow that a later one of its file has hidden is not deployed by its name, which would run the other', () => {
  const first = flow({ name: 'hidden' }, () => 1)
  const second = flow({ name: 'hidden' }, () => 2)
  assert.throws(() => deploymentOf(first, { name: 'x' }), code('flow-hidden'))
  assert.equal(deploymentOf(first, { name: 'x', entrypoint: 'flows.ts:first' }).entrypoint, 'flows.ts:first')
  assert.match(deploymentOf(second, { name: 'x' }).entrypoint, /:hidden$/)
})

describe('with a server', () => {
  let server: TestServer
  let session: Session
  const log: string[] = []

  before(async () => {
    server = await testServer()
    await server.session.remote!.client.createWorkPool({ name: 'pool', type: 'process' })
    const settings = readSdkSettings({ PREFECT_HOME: server.session.settings.resultsFolder, PREFECT_API_URL: server.apiUrl })
    session = new Session({ settings, logSink: ({ message }) => log.push(message) })
    setDefaultSession(session)
  })
  after(async () => {
    await session.close()
    await server.close()
  })

  test('two deployments of one name are not served: the second would replace the first', async () => {
    const both = [deploymentOf(here, { name: 'prod' }), deploymentOf(elsewhere, { name: 'prod' })]
    await assert.rejects(serve(both), (error: Error) => code('deployment-twice')(error) && /test\.ts:namesake.*fixture\.ts:namesake/.test(error.message))
    assert.equal(await session.remote!.client.findDeployment('namesake', 'prod'), undefined)
  })

  test('nor is one deployed over that of another flow, but again over its own', async () => {
    const id = await deploy(deploymentOf(here, { name: 'pooled' }), { pool: 'pool' })
    assert.equal(await deploy(deploymentOf(here, { name: 'pooled', tags: ['again'] }), { pool: 'pool' }), id)
    await assert.rejects(deploy(deploymentOf(elsewhere, { name: 'pooled' }), { pool: 'pool' }), code('deployment-twice'))
  })

  test('deploying a flow whose name another file has too is told in the log, with both files', async () => {
    log.length = 0
    await deploy(deploymentOf(elsewhere, { name: 'other' }), { pool: 'pool' })
    const told = log.filter((line) => /flows named 'namesake' are defined in /.test(line))
    assert.equal(told.length, 1, log.join('\n'))
    for (const file of [fixture, import.meta.url]) assert.ok(told[0]!.includes(fileURLToPath(file).split('/').at(-1)!))
  })
})
