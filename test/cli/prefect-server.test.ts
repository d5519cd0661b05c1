import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { ReceivedEvent } from '@spillway/core/wire/events'
import type { ApiClient } from '@spillway/sdk'
import { eventually } from '../faults/eventually.ts'
import { sessionWith, startTarget } from '../sdk/targets.ts'
import { commandFixture, repository } from './lib/command.ts'

const runsOf = (client: ApiClient, deploymentId: string): Promise<{ parameters: object }[]> => client.filterFlowRuns({ deployments: { id: { any_: [deploymentId] } } })

const { apiUrl } = await startTarget('Prefect 3.8.8')
const spillway = commandFixture({ PREFECT_API_URL: apiUrl })
const client = sessionWith(apiUrl).session.remote!.client

test('on a Prefect 3.8.8 server, as Spillway does not act on automations: one that the command makes runs a deployment when its event is emitted, until it is paused', async () => {
  const { id: flowId } = await client.createFlow('opens-the-gate')
  const make = async (name: string, event: string): Promise<string> => {
    const { id } = await client.createDeployment({ name, flow_id: flowId, enforce_parameter_schema: false })
    const automation = { name, trigger: { expect: [event] }, actions: [{ type: 'run-deployment', deployment_id: id, parameters: { gate: 7 } }] }
    await spillway.ok(['automation', 'create', '--from-json', JSON.stringify(automation)])
    return id
  }
  const [gate, mark, last] = [await make('gate', 'dam.full'), await make('mark', 'dam.marked'), await make('last', 'dam.looked-at')]
  await eventually(async () => {
    // A server takes a moment to know of a new automation: when it knows of the last one, it knows of all.
    await spillway.ok(['event', 'emit', 'dam.looked-at', '--resource-id', 'dam.1'])
    return (await runsOf(client, last)).length > 0
  }, 'the run of the last automation', 180)
  await spillway.ok(['event', 'emit', 'dam.full', '--resource-id', 'dam.1'])
  await eventually(async () => (await runsOf(client, gate)).length === 1, 'the run of the gate', 180)
  assert.deepEqual((await runsOf(client, gate))[0]!.parameters, { gate: 7 })
  await spillway.ok(['automation', 'pause', 'gate'])
  // Events are taken in order: when the second one has been acted on, the first one has been passed over.
  await spillway.ok(['event', 'emit', 'dam.full', '--resource-id', 'dam.1'])
  await spillway.ok(['event', 'emit', 'dam.marked', '--resource-id', 'dam.1'])
  await eventually(async () => (await runsOf(client, mark)).length === 1, 'the run of the mark', 180)
  assert.equal((await runsOf(client, gate)).length, 1)
  await spillway.ok(['automation', 'delete', '--all', '--yes'])
  assert.deepEqual(await spillway.json(['automation', 'ls']), [])
})

test('on a Prefect 3.8.8 server a flow is deployed, run by our worker, and its events are streamed', async () => {
  const stream = spillway.start(['event', 'stream', '--event', 'prefect.flow-run.Completed'])
  await stream.shows(/Listening for events/)
  await spillway.ok(['work-pool', 'create', 'local', '--type', 'process'])
  await spillway.ok(['deploy', 'flows/deployed.ts:countWords', '--name', 'prod', '--pool', 'local', '--cron', '0 3 * * *'], { cwd: path.join(repository, 'test/cli') })
  const run = await spillway.json<FlowRunResponse>(['deployment', 'run', 'count-words/prod', '--param', 'text=the dam holds'])
  const { stderr } = await spillway.run(['worker', 'start', '--pool', 'local', '--run-once'])
  assert.equal((await client.readFlowRun(run.id)).state_type, 'COMPLETED', stderr)
  const [line] = await stream.shows(/^\{.*\}$/m)
  assert.equal((JSON.parse(line) as ReceivedEvent).resource['prefect.resource.id'], `prefect.flow-run.${run.id}`)
})
