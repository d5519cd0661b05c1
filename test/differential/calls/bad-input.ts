import { unknownId } from '../call.ts'
import type { Call, CallList } from '../call.ts'

const json = { 'content-type': 'application/json' }

/** Routes that take one model, or named parameters, as their body. */
const bodyRoutes = [
  'POST /flows/', `PATCH /flows/${unknownId}`, 'POST /flows/count', 'POST /flows/filter', 'POST /flows/paginate', 'POST /flows/bulk_delete',
  'POST /flow_runs/', `PATCH /flow_runs/${unknownId}`, 'POST /flow_runs/count', 'POST /flow_runs/filter', 'POST /flow_runs/paginate', 'POST /flow_runs/history', 'POST /flow_runs/lateness',
  'POST /flow_runs/bulk_delete', 'POST /flow_runs/bulk_set_state', `POST /flow_runs/${unknownId}/set_state`, `POST /flow_runs/${unknownId}/input`, `POST /flow_runs/${unknownId}/input/filter`,
  'POST /task_runs/', `PATCH /task_runs/${unknownId}`, 'POST /task_runs/count', 'POST /task_runs/filter', 'POST /task_runs/paginate', 'POST /task_runs/history', `POST /task_runs/${unknownId}/set_state`,
  'POST /deployments/', `PATCH /deployments/${unknownId}`, 'POST /deployments/count', 'POST /deployments/filter', 'POST /deployments/paginate', 'POST /deployments/get_scheduled_flow_runs',
  'POST /deployments/bulk_delete', `POST /deployments/${unknownId}/create_flow_run`, `POST /deployments/${unknownId}/schedule`, `POST /deployments/${unknownId}/schedules`,
  'PUT /saved_searches/', 'POST /saved_searches/filter', 'POST /logs/', 'POST /logs/filter', 'POST /concurrency_limits/', 'POST /concurrency_limits/filter', 'POST /concurrency_limits/increment',
  'POST /v2/concurrency_limits/', 'PATCH /v2/concurrency_limits/nothing', 'POST /v2/concurrency_limits/filter', 'POST /v2/concurrency_limits/increment', 'POST /v2/concurrency_limits/increment-with-lease',
  'POST /v2/concurrency_limits/decrement', 'POST /v2/concurrency_limits/decrement-with-lease', 'POST /block_types/', `PATCH /block_types/${unknownId}`, 'POST /block_types/filter',
  'POST /block_schemas/', 'POST /block_schemas/filter', 'POST /block_documents/', `PATCH /block_documents/${unknownId}`, 'POST /block_documents/filter', 'POST /block_documents/count',
  'POST /work_pools/', 'PATCH /work_pools/nothing', 'POST /work_pools/filter', 'POST /work_pools/count', 'POST /work_pools/nothing/get_scheduled_flow_runs', 'POST /work_pools/nothing/queues',
  'PATCH /work_pools/nothing/queues/nothing', 'POST /work_pools/nothing/queues/filter', 'POST /work_pools/nothing/workers/heartbeat', 'POST /work_pools/nothing/workers/filter',
  'POST /work_queues/', `PATCH /work_queues/${unknownId}`, 'POST /work_queues/filter', `POST /work_queues/${unknownId}/get_runs`, 'POST /artifacts/', `PATCH /artifacts/${unknownId}`,
  'POST /artifacts/filter', 'POST /artifacts/latest/filter', 'POST /artifacts/count', 'POST /artifacts/latest/count', 'POST /variables/', `PATCH /variables/${unknownId}`, 'PATCH /variables/name/nothing',
  'POST /variables/filter', 'POST /variables/count', 'POST /events', 'POST /events/filter', 'POST /events/count-by/event', 'POST /automations/', `PUT /automations/${unknownId}`,
  `PATCH /automations/${unknownId}`, 'POST /automations/filter', 'POST /automations/count', 'POST /ui/flows/count-deployments', 'POST /ui/flows/next-runs', 'POST /ui/flow_runs/history',
  'POST /ui/flow_runs/count-task-runs', 'POST /ui/schemas/validate', 'POST /ui/task_runs/dashboard/counts', 'POST /ui/task_runs/count', 'PUT /admin/storage', `POST /flow_runs/${unknownId}/resume`,
]

/** Routes with an id in the path, of which no such thing exists. */
const idRoutes = [
  'GET /flows/@', 'DELETE /flows/@', 'GET /flow_runs/@', 'DELETE /flow_runs/@', 'GET /flow_runs/@/graph', 'GET /flow_runs/@/graph-v2', 'GET /flow_runs/@/input/k', 'DELETE /flow_runs/@/input/k',
  'GET /flow_runs/@/logs/download', 'GET /task_runs/@', 'DELETE /task_runs/@', 'GET /flow_run_states/@', 'GET /task_run_states/@', 'GET /deployments/@', 'DELETE /deployments/@',
  'POST /deployments/@/pause_deployment', 'POST /deployments/@/resume_deployment', 'GET /deployments/@/work_queue_check', 'GET /deployments/@/schedules', 'GET /saved_searches/@', 'DELETE /saved_searches/@',
  'GET /concurrency_limits/@', 'DELETE /concurrency_limits/@', 'GET /block_types/@', 'DELETE /block_types/@', 'GET /block_schemas/@', 'DELETE /block_schemas/@', 'GET /block_documents/@', 'DELETE /block_documents/@',
  'GET /work_queues/@', 'DELETE /work_queues/@', 'GET /work_queues/@/status', 'GET /artifacts/@', 'DELETE /artifacts/@', 'GET /variables/@', 'DELETE /variables/@', 'GET /automations/@', 'DELETE /automations/@', 'GET /ui/task_runs/@',
]

function split(route: string): { method: string; path: string } {
  const [method = '', path = ''] = route.split(' ')
  return { method, path }
}

function bad(raw: string): Call[] {
  return bodyRoutes.map((route) => ({ ...split(route), raw, headers: json }))
}

/** Every route that takes a body is given bodies of the wrong kind. Nothing of it may change anything. */
export const badBodies: CallList = {
  name: 'bad-bodies',
  calls: [...bad('"text"'), ...bad('[5]'), ...bad('{"zz_unknown": 1, "limit": "many", "name": {}, "state": 7}'), ...bad('{"broken": ')],
}

export const unknownIds: CallList = {
  name: 'unknown-ids',
  calls: idRoutes.flatMap((route) => [split(route.replace('@', unknownId)), split(route.replace('@', 'not-a-uuid'))]),
}
