import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiClient } from '@spillway/sdk'
import { eventually } from '../faults/eventually.ts'
import { sessionWith, startTarget } from '../sdk/targets.ts'
import { commandFixture } from './lib/command.ts'

const runsOf = (client: ApiClient, deploymentId: string): Promise<{ parameters: object }[]> => client.filterFlowRuns({ deployments: { id: { any_: [deploymentId] } } })

test('on a Prefect 3.8.8 server, as Spillway does not act on automations: one that the command makes runs a deployment when its event is emitted, until it is paused', async () => {
  const { apiUrl } = await startTarget('Prefect 3.8.8')
  const spillway = commandFixture({ PREFECT_API_URL: apiUrl })
  const client = sessionWith(apiUrl).session.remote!.client
  const { id: flowId } = await client.createFlow('opens-the-gate')
  const make = async (name: string, event: string): Promise<string> => {
    const { id } = await client.createDeployment({ name, flow_id: flowId, enforce_parameter_schema: false })
    const automation = { name, trigger: { expect: [event] }, actions: [{ type: 'run-deployment', deployment_id: id, parameters: { gate: 7 } }] }
    await spillway.ok(['automation', 'create', '--from-json', JSON.stringify(automation)])
    return id
  }
  const [gate, mark] = [await make('gate', 'dam.full'), await make('mark', 'dam.marked')]
  await spillway.ok(['event', 'emit', 'dam.full', '--resource-id', 'dam.1'])
  await eventually(async () => (await runsOf(client, gate)).length === 1, 'the run of the gate', 60)
  assert.deepEqual((await runsOf(client, gate))[0]!.parameters, { gate: 7 })
  await spillway.ok(['automation', 'pause', 'gate'])
  // Events are taken in order: when the second one has been acted on, the first one has been passed over.
  await spillway.ok(['event', 'emit', 'dam.full', '--resource-id', 'dam.1'])
  await spillway.ok(['event', 'emit', 'dam.marked', '--resource-id', 'dam.1'])
  await eventually(async () => (await runsOf(client, mark)).length === 1, 'the run of the mark', 60)
  assert.equal((await runsOf(client, gate)).length, 1)
  await spillway.ok(['automation', 'delete', '--all', '--yes'])
  assert.deepEqual(await spillway.json(['automation', 'ls']), [])
})
