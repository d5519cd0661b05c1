import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Settings } from '@spillway/core/wire/settings/all'
import type { Artifact, ArtifactCreate } from '@spillway/core/wire/artifacts'
import type { Automation, AutomationCreate } from '@spillway/core/wire/automations'
import type { BlockDocument } from '@spillway/core/wire/block-documents'
import type { BlockSchema } from '@spillway/core/wire/block-schemas'
import type { BlockType } from '@spillway/core/wire/block-types'
import type { DeploymentCreate, DeploymentResponse, DeploymentUpdate } from '@spillway/core/wire/deployments'
import type { Event, EventPage } from '@spillway/core/wire/events'
import type { FlowRunCreate, FlowRunResponse, FlowRunUpdate } from '@spillway/core/wire/flow-runs'
import type { Flow } from '@spillway/core/wire/flows'
import type { Graph } from '@spillway/core/wire/graphs'
import type { Log, LogCreate } from '@spillway/core/wire/logs'
import type { OrchestrationResult, State, StateCreate } from '@spillway/core/wire/states'
import type { TaskRun, TaskRunCreate } from '@spillway/core/wire/task-runs'
import type { Variable } from '@spillway/core/wire/variables'
import type { WorkPoolResponse } from '@spillway/core/wire/work-pools'
import type { WorkQueueResponse } from '@spillway/core/wire/work-queues'
import type { AnswerOf, BodyOf } from '@spillway/sdk/client'
import { clientFiles } from '../client-types/files.ts'
import { listFiles, root } from './sources.ts'

const folder = 'packages/sdk/src/client/generated'

test('the types of the client are those of the routes as they are', () => {
  const files = clientFiles()
  for (const [file, text] of files) {
    const committed = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : ''
    // Not assert.equal: its difference of two such texts takes long to print.
    assert.ok(committed === text, `${file} is out of date: run node scripts/generate-client.mjs`)
  }
  assert.deepEqual(listFiles([folder], ['']), [...files.keys()].toSorted(), `nothing else belongs into ${folder}`)
})

/** Compiles when a value of the first type may stand where one of the second is wanted. */
function fits<Given extends Wanted, Wanted>(given?: Given): void {
  void (given satisfies Wanted | undefined)
}

test('what the client is told of an answer is what the server says of it', () => {
  // The server's types are derived from the same schemas by the compiler, and not by the generator.
  fits<AnswerOf<'GET /flow_runs/{id}'>, FlowRunResponse>()
  fits<AnswerOf<'GET /flows/{id}'>, Flow>()
  fits<AnswerOf<'GET /task_runs/{id}'>, TaskRun>()
  fits<AnswerOf<'GET /flow_run_states/{id}'>, State>()
  fits<AnswerOf<'POST /flow_runs/{id}/set_state'>, OrchestrationResult>()
  fits<AnswerOf<'GET /flow_runs/{id}/graph-v2'>, Graph>()
  fits<AnswerOf<'GET /deployments/{id}'>, DeploymentResponse>()
  fits<AnswerOf<'GET /work_pools/{name}'>, WorkPoolResponse>()
  fits<AnswerOf<'GET /work_queues/{id}'>, WorkQueueResponse>()
  fits<AnswerOf<'POST /logs/filter'>, Log[]>()
  fits<AnswerOf<'POST /events/filter'>, EventPage>()
  fits<AnswerOf<'GET /artifacts/{id}'>, Artifact>()
  fits<AnswerOf<'GET /variables/{id}'>, Variable>()
  fits<AnswerOf<'GET /block_documents/{id}'>, BlockDocument>()
  fits<AnswerOf<'GET /block_schemas/{id}'>, BlockSchema>()
  fits<AnswerOf<'GET /block_types/{id}'>, BlockType>()
  fits<AnswerOf<'GET /automations/{id}'>, Automation>()
  fits<AnswerOf<'GET /admin/settings'>, Settings>()
  assert.ok(fits)
})

test('what the server makes of a request may be sent as one', () => {
  fits<FlowRunCreate, BodyOf<'POST /flow_runs/'>>()
  fits<FlowRunUpdate, BodyOf<'PATCH /flow_runs/{id}'>>()
  fits<StateCreate, BodyOf<'POST /flow_runs/{id}/set_state'>['state']>()
  fits<TaskRunCreate, BodyOf<'POST /task_runs/'>>()
  fits<DeploymentCreate, BodyOf<'POST /deployments/'>>()
  fits<DeploymentUpdate, BodyOf<'PATCH /deployments/{id}'>>()
  fits<LogCreate[], BodyOf<'POST /logs/'>>()
  fits<Event[], BodyOf<'POST /events'>>()
  fits<ArtifactCreate, BodyOf<'POST /artifacts/'>>()
  fits<AutomationCreate, BodyOf<'POST /automations/'>>()
  assert.ok(fits)
})
