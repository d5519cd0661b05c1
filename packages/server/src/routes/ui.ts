import { dict, integer, list, nullable } from '@spillway/core/wire/schema'
import {
  CountByState, CountDeploymentsByFlowBody, CountTaskRunsByFlowRunBody, NextRunsByFlowBody, ReadDashboardTaskRunCountsBody,
  ReadFlowRunHistoryBody, ReadTaskRunCountsByStateBody, SimpleFlowRun, SchemaValuesValidationResponse,
  SimpleNextFlowRun, TaskRunCount, UITaskRun, ValidateObjBody,
} from '@spillway/core/wire/ui'
import { httpError } from '../errors.ts'
import { route, type Route } from './route.ts'

/** Objects that one request of the UI may ask about. */
const IDS_MAX = 200

/** Of an object: its keys are ids. */
const propertyNames = { format: 'uuid' }

/** Runs of one chart; a negative limit asks for as many. */
const HISTORY_RUNS_MAX = 1_000

function checkIds(ids: readonly string[]): string[] {
  if (ids.length > IDS_MAX) throw httpError(422, `No more than ${IDS_MAX} ids can be asked about at once.`)
  return [...ids]
}

/** What Prefect's web UI asks for beside the public routes. */
export const uiRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/ui/flow_runs/history',
    operationId: 'read_flow_run_history_ui_flow_runs_history_post',
    tag: 'Flow Runs',
    body: ReadFlowRunHistoryBody,
    replies: { 200: list(SimpleFlowRun) },
    workClass: 'read',
    handle: ({ body }, { store }) =>
      store.read(
        'listSimpleFlowRuns',
        { filters: body, sort: body.sort, page: { limit: body.limit < 0 ? HISTORY_RUNS_MAX : body.limit, offset: body.offset } },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/ui/flow_runs/count-task-runs',
    operationId: 'count_task_runs_by_flow_run_ui_flow_runs_count_task_runs_post',
    tag: 'Flow Runs',
    body: CountTaskRunsByFlowRunBody,
    replies: { 200: dict(integer(), { propertyNames }) },
    workClass: 'read',
    handle: ({ body }, { store }) =>
      store.read('countTaskRunsByFlowRun', { flowRunIds: checkIds(body.flow_run_ids) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/ui/flows/count-deployments',
    operationId: 'count_deployments_by_flow_ui_flows_count_deployments_post',
    tag: 'Flows',
    body: CountDeploymentsByFlowBody,
    replies: { 200: dict(integer(), { propertyNames }) },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('countDeploymentsByFlow', { flowIds: checkIds(body.flow_ids) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/ui/flows/next-runs',
    operationId: 'next_runs_by_flow_ui_flows_next_runs_post',
    tag: 'Flows',
    body: NextRunsByFlowBody,
    replies: { 200: dict(nullable(SimpleNextFlowRun), { propertyNames }) },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('readNextRunsByFlow', { flowIds: checkIds(body.flow_ids) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/ui/task_runs/dashboard/counts',
    operationId: 'read_dashboard_task_run_counts_ui_task_runs_dashboard_counts_post',
    tag: 'Task Runs',
    body: ReadDashboardTaskRunCountsBody,
    replies: { 200: list(TaskRunCount) },
    workClass: 'read',
    handle: ({ body }, { store }) => {
      const { work_queues, ...filters } = body
      const started = body.task_runs.start_time
      if (!started?.after_) throw httpError(422, 'task_runs.start_time.after_ is required')
      return store.read(
        'readDashboardTaskRunCounts',
        { filters: { ...filters, work_pool_queues: work_queues }, after: started.after_, before: started.before_ },
        'scan',
      )
    },
  }),
  route({
    method: 'POST',
    path: '/ui/task_runs/count',
    operationId: 'read_task_run_counts_by_state_ui_task_runs_count_post',
    tag: 'Task Runs',
    body: ReadTaskRunCountsByStateBody,
    replies: { 200: CountByState },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('countTaskRunsByState', { filters: body }, 'scan'),
  }),
  route({
    method: 'GET',
    path: '/ui/task_runs/{id}',
    operationId: 'read_task_run_with_flow_run_name_ui_task_runs__id__get',
    tag: 'Task Runs',
    params: { id: 'uuid' },
    replies: { 200: UITaskRun },
    handle: ({ params }, { store }) => store.read('readUiTaskRun', { id: params.id }),
  }),
  route({
    method: 'POST',
    path: '/ui/schemas/validate',
    operationId: 'validate_obj_ui_schemas_validate_post',
    tag: 'UI',
    body: ValidateObjBody,
    replies: { 200: SchemaValuesValidationResponse },
    workClass: 'read',
    handle: ({ body }, { store }) =>
      store.read('validateValues', { schema: body.schema, values: body.values }, 'scan'),
  }),
]
