import { randomUUID } from 'node:crypto'
import { call, UnwantedReply, type Caller, type Facts } from './caller.ts'
import { postEvents, postLogs, streamEvents } from './ingest-scenarios.ts'
import { RUNS_PAGE_SCENARIOS } from './runs-page-scenarios.ts'

/** Makes the flow that the runs belong to, and as many finished runs as the scenario wants to read. */
export async function prepare(caller: Caller, runs: number): Promise<Facts> {
  const reply = await call(caller, 'prepare', 'POST', '/flows/', JSON.stringify({ name: 'bench', tags: [], labels: {} }))
  const facts: Facts = { flowId: JSON.parse(reply.body.toString()).id, runIds: [], eventName: '' }
  while (facts.runIds.length < runs) {
    // A server that refuses now and then (one locked database) is asked again: preparing is not measured.
    await lifecycle({ ...caller, facts }).then((id) => facts.runIds.push(id), () => {})
  }
  return facts
}

let runCounter = 0

/** A run as the stock client makes it: created Pending. Returns its id. */
export async function createRun(caller: Caller): Promise<string> {
  const reply = await call(caller, 'create', 'POST', '/flow_runs/', JSON.stringify({
    flow_id: caller.facts.flowId, name: `bench-${++runCounter}`, parameters: { n: runCounter, name: 'bench' }, context: {},
    tags: ['bench'], parent_task_run_id: null, empirical_policy: { retries: 0, retry_delay: 0 }, labels: {}, flow_version: '1',
    state: stateBody('PENDING', 'Pending'),
  }))
  return JSON.parse(reply.body.toString()).id
}

export async function setState(caller: Caller, runId: string, type: string, name: string): Promise<void> {
  const body = JSON.stringify({ state: stateBody(type, name), force: false })
  const reply = await call(caller, name, 'POST', `/flow_runs/${runId}/set_state`, body)
  if (!reply.body.includes('"ACCEPT"')) throw new UnwantedReply(`${name} not accepted`, reply)
}

function stateBody(type: string, name: string) {
  return { type, name, message: null, data: null, state_details: { transition_id: randomUUID() } }
}

/** Create, Running, Completed: three requests, one after another. */
async function lifecycle(caller: Caller): Promise<string> {
  const id = await createRun(caller)
  await setState(caller, id, 'RUNNING', 'Running')
  await setState(caller, id, 'COMPLETED', 'Completed')
  return id
}

const FILTER_50 = JSON.stringify({ sort: 'ID_DESC', limit: 50, offset: 0 })
const PAGINATE = JSON.stringify({ sort: 'ID_DESC', limit: 50, page: 1 })

async function readOne(caller: Caller): Promise<void> {
  const { runIds } = caller.facts
  await call(caller, 'read one', 'GET', `/flow_runs/${runIds[Math.floor(Math.random() * runIds.length)]}`)
}

/** A run's life with a look at it after each step. */
async function createMoveRead(caller: Caller): Promise<void> {
  const id = await createRun(caller)
  for (const [type, name] of [['RUNNING', 'Running'], ['COMPLETED', 'Completed']] as const) {
    await setState(caller, id, type, name)
    const reply = await call(caller, 'read', 'GET', `/flow_runs/${id}`)
    const read = JSON.parse(reply.body.toString()).state_type
    if (read !== type) throw new UnwantedReply(`read ${read} after ${type}`, reply)
  }
}

/** No index helps: a part of the name, a join to the flow, a late page, and the count of it all. */
const HEAVIEST_LIST = JSON.stringify({
  flows: { name: { like_: 'flow' } }, flow_runs: { name: { like_: '7' } }, sort: 'NAME_DESC', limit: 200, page: 100,
})

/** One operation each; a rejection is an error of the operation. */
export const SCENARIOS: Record<string, (caller: Caller) => Promise<unknown>> = {
  lifecycle,
  'read one': readOne,
  'filter 50': (caller) => call(caller, 'filter 50', 'POST', '/flow_runs/filter', FILTER_50),
  paginate: (caller) => call(caller, 'paginate', 'POST', '/flow_runs/paginate', PAGINATE),
  'POST events': postEvents,
  'stream events': streamEvents,
  'POST logs': postLogs,
  'create, move, read': createMoveRead,
  'heaviest list': (caller) => call(caller, 'heaviest list', 'POST', '/flow_runs/paginate', HEAVIEST_LIST),
  ...RUNS_PAGE_SCENARIOS,
}
