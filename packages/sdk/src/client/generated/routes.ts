// Made from the route table of the server by `node scripts/generate-client.mjs`: do not edit.
import type * as answers from './answers.ts'
import type * as requests from './requests.ts'
import type * as settings from './settings.ts'

/** Of routes that take nothing. */
export interface NoInput {
  path?: never
  query?: never
  headers?: never
  body?: never
}

/** What each route takes and answers. The types in it are reached by `BodyOf` and `AnswerOf`. */
export interface Routes {
  'GET /health': { request: NoInput; answer: boolean }
  'GET /version': { request: NoInput; answer: string }
  'GET /hello': { request: NoInput; answer: string }
  'GET /ready': { request: NoInput; answer: unknown }
  'GET /metrics': { request: NoInput; answer: string }
  'POST /flows/': { request: { body: requests.FlowCreate }; answer: answers.Flow }
  'PATCH /flows/{id}': { request: { path: { id: string }; body: requests.FlowUpdate }; answer: void }
  'GET /flows/name/{name}': { request: { path: { name: string } }; answer: answers.Flow }
  'GET /flows/{id}': { request: { path: { id: string } }; answer: answers.Flow }
  'POST /flows/filter': { request: { body?: requests.ReadFlowsBody | undefined }; answer: answers.Flow[] }
  'POST /flows/count': { request: { body?: requests.CountFlowsBody | undefined }; answer: number }
  'POST /flows/paginate': { request: { body?: requests.PaginateFlowsBody | undefined }; answer: answers.FlowPaginationResponse }
  'DELETE /flows/{id}': { request: { path: { id: string } }; answer: void }
  'POST /flows/bulk_delete': { request: { body?: requests.BulkDeleteFlowsBody | undefined }; answer: answers.FlowBulkDeleteResponse }
  'POST /flow_runs/': { request: { body: requests.FlowRunCreate }; answer: answers.FlowRunResponse }
  'PATCH /flow_runs/{id}': { request: { path: { id: string }; body: requests.FlowRunUpdate }; answer: void }
  'POST /flow_runs/count': { request: { body?: requests.CountFlowRunsBody | undefined }; answer: number }
  'POST /flow_runs/lateness': { request: { body?: requests.AverageFlowRunLatenessBody | undefined }; answer: number | null }
  'POST /flow_runs/history': { request: { body: requests.FlowRunHistoryBody }; answer: answers.HistoryResponse[] }
  'GET /flow_runs/{id}': { request: { path: { id: string } }; answer: answers.FlowRunResponse }
  'GET /flow_runs/{id}/graph': { request: { path: { id: string } }; answer: answers.DependencyResult[] }
  'GET /flow_runs/{id}/graph-v2': { request: { path: { id: string }; query?: { since?: string | undefined } | undefined }; answer: answers.Graph }
  'POST /flow_runs/{id}/resume': {
    request: { path: { id: string }; body?: requests.ResumeFlowRunBody | undefined }
    answer: answers.OrchestrationResult
  }
  'POST /flow_runs/filter': { request: { body?: requests.ReadFlowRunsBody | undefined }; answer: answers.FlowRunResponse[] }
  'POST /flow_runs/paginate': { request: { body?: requests.PaginateFlowRunsBody | undefined }; answer: answers.FlowRunPaginationResponse }
  'DELETE /flow_runs/{id}': { request: { path: { id: string } }; answer: void }
  'POST /flow_runs/bulk_delete': { request: { body?: requests.BulkDeleteFlowRunsBody | undefined }; answer: answers.FlowRunBulkDeleteResponse }
  'POST /flow_runs/bulk_set_state': { request: { body: requests.BulkSetFlowRunStateBody }; answer: answers.FlowRunBulkSetStateResponse }
  'POST /flow_runs/{id}/set_state': { request: { path: { id: string }; body: requests.SetFlowRunStateBody }; answer: answers.OrchestrationResult }
  'PATCH /flow_runs/{id}/labels': { request: { path: { id: string }; body: Record<string, unknown> }; answer: void }
  'GET /flow_runs/{id}/logs/download': { request: { path: { id: string } }; answer: string }
  'POST /ui/flow_runs/history': { request: { body?: requests.ReadFlowRunHistoryBody | undefined }; answer: answers.SimpleFlowRun[] }
  'POST /ui/flow_runs/count-task-runs': { request: { body: requests.CountTaskRunsByFlowRunBody }; answer: Record<string, number> }
  'POST /ui/flows/count-deployments': { request: { body: requests.CountDeploymentsByFlowBody }; answer: Record<string, number> }
  'POST /ui/flows/next-runs': { request: { body: requests.NextRunsByFlowBody }; answer: Record<string, answers.SimpleNextFlowRun | null> }
  'POST /ui/task_runs/dashboard/counts': { request: { body: requests.ReadDashboardTaskRunCountsBody }; answer: answers.TaskRunCount[] }
  'POST /ui/task_runs/count': { request: { body?: requests.ReadTaskRunCountsByStateBody | undefined }; answer: answers.CountByState }
  'GET /ui/task_runs/{id}': { request: { path: { id: string } }; answer: answers.UITaskRun }
  'POST /ui/schemas/validate': { request: { body: requests.ValidateObjBody }; answer: answers.SchemaValuesValidationResponse }
  'PUT /saved_searches/': { request: { body: requests.SavedSearchCreate }; answer: answers.SavedSearch }
  'GET /saved_searches/{id}': { request: { path: { id: string } }; answer: answers.SavedSearch }
  'POST /saved_searches/filter': { request: { body?: requests.ReadSavedSearchesBody | undefined }; answer: answers.SavedSearch[] }
  'DELETE /saved_searches/{id}': { request: { path: { id: string } }; answer: void }
  'POST /flow_runs/{id}/input': { request: { path: { id: string }; body: requests.CreateFlowRunInputBody }; answer: unknown }
  'POST /flow_runs/{id}/input/filter': { request: { path: { id: string }; body: requests.FilterFlowRunInputBody }; answer: answers.FlowRunInput[] }
  'GET /flow_runs/{id}/input/{key}': { request: { path: { id: string; key: string } }; answer: unknown }
  'DELETE /flow_runs/{id}/input/{key}': { request: { path: { id: string; key: string } }; answer: void }
  'GET /flow_run_states/{id}': { request: { path: { id: string } }; answer: answers.State }
  'GET /flow_run_states/': { request: { query: { flow_run_id: string } }; answer: answers.State[] }
  'GET /task_run_states/{id}': { request: { path: { id: string } }; answer: answers.State }
  'GET /task_run_states/': { request: { query: { task_run_id: string } }; answer: answers.State[] }
  'POST /task_runs/': { request: { body: requests.TaskRunCreate }; answer: answers.TaskRun }
  'PATCH /task_runs/{id}': { request: { path: { id: string }; body: requests.TaskRunUpdate }; answer: void }
  'POST /task_runs/count': { request: { body?: requests.CountTaskRunsBody | undefined }; answer: number }
  'POST /task_runs/history': { request: { body: requests.TaskRunHistoryBody }; answer: answers.HistoryResponse[] }
  'GET /task_runs/{id}': { request: { path: { id: string } }; answer: answers.TaskRun }
  'POST /task_runs/filter': { request: { body?: requests.ReadTaskRunsBody | undefined }; answer: answers.TaskRun[] }
  'POST /task_runs/paginate': { request: { body?: requests.PaginateTaskRunsBody | undefined }; answer: answers.TaskRunPaginationResponse }
  'DELETE /task_runs/{id}': { request: { path: { id: string } }; answer: void }
  'POST /task_runs/{id}/set_state': { request: { path: { id: string }; body: requests.SetTaskRunStateBody }; answer: answers.OrchestrationResult }
  'POST /v2/concurrency_limits/': { request: { body: requests.ConcurrencyLimitV2Create }; answer: answers.ConcurrencyLimitV2 }
  'GET /v2/concurrency_limits/{id_or_name}': { request: { path: { id_or_name: string } }; answer: answers.GlobalConcurrencyLimitResponse }
  'PATCH /v2/concurrency_limits/{id_or_name}': { request: { path: { id_or_name: string }; body: requests.ConcurrencyLimitV2Update }; answer: void }
  'DELETE /v2/concurrency_limits/{id_or_name}': { request: { path: { id_or_name: string } }; answer: void }
  'POST /v2/concurrency_limits/filter': {
    request: { body?: requests.ReadAllConcurrencyLimitsV2Body | undefined }
    answer: answers.GlobalConcurrencyLimitResponse[]
  }
  'POST /v2/concurrency_limits/increment': {
    request: { body: requests.BulkIncrementActiveSlotsBody }
    answer: answers.MinimalConcurrencyLimitResponse[]
  }
  'POST /v2/concurrency_limits/increment-with-lease': {
    request: { body: requests.BulkIncrementActiveSlotsWithLeaseBody }
    answer: answers.ConcurrencyLimitWithLeaseResponse
  }
  'POST /v2/concurrency_limits/decrement': {
    request: { body: requests.BulkDecrementActiveSlotsBody }
    answer: answers.MinimalConcurrencyLimitResponse[]
  }
  'POST /v2/concurrency_limits/decrement-with-lease': { request: { body: requests.BulkDecrementActiveSlotsWithLeaseBody }; answer: void }
  'POST /v2/concurrency_limits/leases/{lease_id}/renew': {
    request: { path: { lease_id: string }; body?: requests.RenewConcurrencyLeaseBody | undefined }
    answer: void
  }
  'POST /concurrency_limits/': { request: { body: requests.ConcurrencyLimitCreate }; answer: answers.ConcurrencyLimit }
  'GET /concurrency_limits/{id}': { request: { path: { id: string } }; answer: answers.ConcurrencyLimit }
  'GET /concurrency_limits/tag/{tag}': { request: { path: { tag: string } }; answer: answers.ConcurrencyLimit }
  'POST /concurrency_limits/filter': { request: { body?: requests.ReadConcurrencyLimitsBody | undefined }; answer: answers.ConcurrencyLimit[] }
  'POST /concurrency_limits/tag/{tag}/reset': {
    request: { path: { tag: string }; body?: requests.ResetConcurrencyLimitByTagBody | undefined }
    answer: unknown
  }
  'DELETE /concurrency_limits/{id}': { request: { path: { id: string } }; answer: unknown }
  'DELETE /concurrency_limits/tag/{tag}': { request: { path: { tag: string } }; answer: unknown }
  'POST /concurrency_limits/increment': {
    request: { body: requests.IncrementConcurrencyLimitsV1Body }
    answer: answers.MinimalConcurrencyLimitResponse[]
  }
  'POST /concurrency_limits/decrement': {
    request: { body: requests.DecrementConcurrencyLimitsV1Body }
    answer: answers.MinimalConcurrencyLimitResponse[]
  }
  'POST /logs/': { request: { body: readonly requests.LogCreate[] }; answer: unknown }
  'POST /logs/filter': { request: { body?: requests.ReadLogsBody | undefined }; answer: answers.Log[] }
  'POST /events': { request: { body: readonly requests.Event[] }; answer: void }
  'POST /events/filter': { request: { body?: requests.ReadEventsBody | undefined }; answer: answers.EventPage }
  'GET /events/filter/next': { request: { query: { 'page-token': string } }; answer: answers.EventPage }
  'POST /events/count-by/{countable}': {
    request: { path: { countable: requests.Countable }; body: requests.CountAccountEventsBody }
    answer: answers.EventCount[]
  }
  'POST /spillway/stream-tickets': { request: NoInput; answer: answers.SpillwayStreamTicket }
  'POST /task_workers/filter': { request: { body?: requests.ReadTaskWorkersBody | undefined }; answer: answers.TaskWorkerResponse[] }
  'POST /variables/': { request: { body: requests.VariableCreate }; answer: answers.Variable }
  'GET /variables/{id}': { request: { path: { id: string } }; answer: answers.Variable }
  'GET /variables/name/{name}': { request: { path: { name: string } }; answer: answers.Variable }
  'POST /variables/filter': { request: { body?: requests.ReadVariablesBody | undefined }; answer: answers.Variable[] }
  'POST /variables/count': { request: { body?: requests.CountVariablesBody | undefined }; answer: number }
  'PATCH /variables/{id}': { request: { path: { id: string }; body: requests.VariableUpdate }; answer: void }
  'PATCH /variables/name/{name}': { request: { path: { name: string }; body: requests.VariableUpdate }; answer: void }
  'DELETE /variables/{id}': { request: { path: { id: string } }; answer: void }
  'DELETE /variables/name/{name}': { request: { path: { name: string } }; answer: void }
  'POST /artifacts/': { request: { body: requests.ArtifactCreate }; answer: answers.Artifact }
  'GET /artifacts/{id}': { request: { path: { id: string } }; answer: answers.Artifact }
  'GET /artifacts/{key}/latest': { request: { path: { key: string } }; answer: answers.Artifact }
  'POST /artifacts/filter': { request: { body?: requests.ReadArtifactsBody | undefined }; answer: answers.Artifact[] }
  'POST /artifacts/latest/filter': { request: { body?: requests.ReadLatestArtifactsBody | undefined }; answer: answers.ArtifactCollection[] }
  'POST /artifacts/count': { request: { body?: requests.CountArtifactsBody | undefined }; answer: number }
  'POST /artifacts/latest/count': { request: { body?: requests.CountLatestArtifactsBody | undefined }; answer: number }
  'PATCH /artifacts/{id}': { request: { path: { id: string }; body: requests.ArtifactUpdate }; answer: void }
  'DELETE /artifacts/{id}': { request: { path: { id: string } }; answer: void }
  'POST /block_types/': { request: { body: requests.BlockTypeCreate }; answer: answers.BlockType }
  'GET /block_types/{id}': { request: { path: { id: string } }; answer: answers.BlockType }
  'GET /block_types/slug/{slug}': { request: { path: { slug: string } }; answer: answers.BlockType }
  'POST /block_types/filter': { request: { body?: requests.ReadBlockTypesBody | undefined }; answer: answers.BlockType[] }
  'PATCH /block_types/{id}': { request: { path: { id: string }; body: requests.BlockTypeUpdate }; answer: void }
  'DELETE /block_types/{id}': { request: { path: { id: string } }; answer: void }
  'GET /block_types/slug/{slug}/block_documents': {
    request: { path: { slug: string }; query?: { include_secrets?: boolean | undefined } | undefined }
    answer: answers.BlockDocument[]
  }
  'GET /block_types/slug/{slug}/block_documents/name/{block_document_name}': {
    request: { path: { slug: string; block_document_name: string }; query?: { include_secrets?: boolean | undefined } | undefined }
    answer: answers.BlockDocument
  }
  'POST /block_types/install_system_block_types': { request: NoInput; answer: unknown }
  'POST /block_schemas/': { request: { body: requests.BlockSchemaCreate }; answer: answers.BlockSchema }
  'DELETE /block_schemas/{id}': { request: { path: { id: string } }; answer: void }
  'POST /block_schemas/filter': { request: { body?: requests.ReadBlockSchemasBody | undefined }; answer: answers.BlockSchema[] }
  'GET /block_schemas/{id}': { request: { path: { id: string } }; answer: answers.BlockSchema }
  'GET /block_schemas/checksum/{checksum}': {
    request: { path: { checksum: string }; query?: { version?: string | null | undefined } | undefined }
    answer: answers.BlockSchema
  }
  'GET /block_capabilities/': { request: NoInput; answer: string[] }
  'POST /block_documents/': { request: { body: requests.BlockDocumentCreate }; answer: answers.BlockDocument }
  'POST /block_documents/filter': { request: { body?: requests.ReadBlockDocumentsBody | undefined }; answer: answers.BlockDocument[] }
  'POST /block_documents/count': { request: { body?: requests.CountBlockDocumentsBody | undefined }; answer: number }
  'GET /block_documents/{id}': {
    request: { path: { id: string }; query?: { include_secrets?: boolean | undefined } | undefined }
    answer: answers.BlockDocument
  }
  'DELETE /block_documents/{id}': { request: { path: { id: string } }; answer: void }
  'PATCH /block_documents/{id}': { request: { path: { id: string }; body: requests.BlockDocumentUpdate }; answer: void }
  'POST /deployments/': { request: { body: requests.DeploymentCreate }; answer: answers.DeploymentResponse }
  'PATCH /deployments/{id}': { request: { path: { id: string }; body: requests.DeploymentUpdate }; answer: void }
  'GET /deployments/{id}': { request: { path: { id: string } }; answer: answers.DeploymentResponse }
  'DELETE /deployments/{id}': { request: { path: { id: string } }; answer: void }
  'GET /deployments/name/{flow_name}/{deployment_name}': {
    request: { path: { flow_name: string; deployment_name: string } }
    answer: answers.DeploymentResponse
  }
  'POST /deployments/filter': { request: { body?: requests.ReadDeploymentsBody | undefined }; answer: answers.DeploymentResponse[] }
  'POST /deployments/paginate': { request: { body?: requests.PaginateDeploymentsBody | undefined }; answer: answers.DeploymentPaginationResponse }
  'POST /deployments/count': { request: { body?: requests.CountDeploymentsBody | undefined }; answer: number }
  'POST /deployments/get_scheduled_flow_runs': {
    request: { body: requests.GetScheduledFlowRunsForDeploymentsBody }
    answer: answers.FlowRunResponse[]
  }
  'POST /deployments/bulk_delete': {
    request: { body?: requests.BulkDeleteDeploymentsBody | undefined }
    answer: answers.DeploymentBulkDeleteResponse
  }
  'POST /deployments/{id}/schedule': { request: { path: { id: string }; body?: requests.ScheduleDeploymentBody | undefined }; answer: unknown }
  'POST /deployments/{id}/resume_deployment': { request: { path: { id: string } }; answer: unknown }
  'POST /deployments/{id}/pause_deployment': { request: { path: { id: string } }; answer: unknown }
  'POST /deployments/{id}/create_flow_run': {
    request: { path: { id: string }; body: requests.DeploymentFlowRunCreate }
    answer: answers.FlowRunResponse
  }
  'POST /deployments/{id}/create_flow_run/bulk': {
    request: { path: { id: string }; body: readonly requests.DeploymentFlowRunCreate[] }
    answer: answers.FlowRunBulkCreateResponse
  }
  /** @deprecated */
  'GET /deployments/{id}/work_queue_check': { request: { path: { id: string } }; answer: answers.WorkQueue[] }
  'GET /deployments/{id}/schedules': { request: { path: { id: string } }; answer: answers.DeploymentSchedule[] }
  'POST /deployments/{id}/schedules': {
    request: { path: { id: string }; body: readonly requests.DeploymentScheduleCreate[] }
    answer: answers.DeploymentSchedule[]
  }
  'PATCH /deployments/{id}/schedules/{schedule_id}': {
    request: { path: { id: string; schedule_id: string }; body: requests.DeploymentScheduleUpdate }
    answer: void
  }
  'DELETE /deployments/{id}/schedules/{schedule_id}': { request: { path: { id: string; schedule_id: string } }; answer: void }
  'POST /work_pools/': { request: { body: requests.WorkPoolCreate }; answer: answers.WorkPoolResponse }
  'GET /work_pools/{name}': { request: { path: { name: string } }; answer: answers.WorkPoolResponse }
  'PATCH /work_pools/{name}': { request: { path: { name: string }; body: requests.WorkPoolUpdate }; answer: void }
  'DELETE /work_pools/{name}': { request: { path: { name: string } }; answer: void }
  'POST /work_pools/filter': { request: { body?: requests.ReadWorkPoolsBody | undefined }; answer: answers.WorkPoolResponse[] }
  'POST /work_pools/count': { request: { body?: requests.CountWorkPoolsBody | undefined }; answer: number }
  'POST /work_pools/{name}/concurrency_status': {
    request: { path: { name: string }; body?: requests.ReadWorkPoolConcurrencyStatusBody | undefined }
    answer: answers.WorkPoolConcurrencyStatus
  }
  'POST /work_pools/{name}/get_scheduled_flow_runs': {
    request: { path: { name: string }; body?: requests.GetScheduledFlowRunsBody | undefined }
    answer: answers.WorkerFlowRunResponse[]
  }
  'POST /work_pools/{work_pool_name}/queues': {
    request: { path: { work_pool_name: string }; body: requests.WorkQueueCreate }
    answer: answers.WorkQueueResponse
  }
  'GET /work_pools/{work_pool_name}/queues/{name}': {
    request: { path: { work_pool_name: string; name: string } }
    answer: answers.WorkQueueResponse
  }
  'PATCH /work_pools/{work_pool_name}/queues/{name}': {
    request: { path: { work_pool_name: string; name: string }; body: requests.WorkQueueUpdate }
    answer: void
  }
  'DELETE /work_pools/{work_pool_name}/queues/{name}': { request: { path: { work_pool_name: string; name: string } }; answer: void }
  'POST /work_pools/{work_pool_name}/queues/filter': {
    request: { path: { work_pool_name: string }; body?: requests.WorkPoolsReadWorkQueuesBody | undefined }
    answer: answers.WorkQueueResponse[]
  }
  'POST /work_pools/{work_pool_name}/workers/heartbeat': {
    request: { path: { work_pool_name: string }; body: requests.WorkerHeartbeatBody }
    answer: void
  }
  'POST /work_pools/{work_pool_name}/workers/filter': {
    request: { path: { work_pool_name: string }; body?: requests.ReadWorkersBody | undefined }
    answer: answers.WorkerResponse[]
  }
  'DELETE /work_pools/{work_pool_name}/workers/{name}': { request: { path: { work_pool_name: string; name: string } }; answer: void }
  'POST /work_queues/': { request: { body: requests.WorkQueueCreate }; answer: answers.WorkQueueResponse }
  'PATCH /work_queues/{id}': { request: { path: { id: string }; body: requests.WorkQueueUpdate }; answer: void }
  'GET /work_queues/{id}': { request: { path: { id: string } }; answer: answers.WorkQueueResponse }
  'DELETE /work_queues/{id}': { request: { path: { id: string } }; answer: void }
  'GET /work_queues/name/{name}': { request: { path: { name: string } }; answer: answers.WorkQueueResponse }
  'POST /work_queues/{id}/get_runs': {
    request: { path: { id: string }; headers?: { 'x-prefect-ui'?: boolean | null | undefined } | undefined; body?: requests.ReadWorkQueueRunsBody
      | undefined }
    answer: answers.FlowRunResponse[]
  }
  'POST /work_queues/filter': { request: { body?: requests.WorkQueuesReadWorkQueuesBody | undefined }; answer: answers.WorkQueueResponse[] }
  'POST /work_queues/{id}/concurrency_status': {
    request: { path: { id: string }; body?: requests.ReadWorkQueueConcurrencyStatusBody | undefined }
    answer: answers.WorkQueueConcurrencyStatus
  }
  'GET /work_queues/{id}/status': { request: { path: { id: string } }; answer: answers.WorkQueueStatusDetail }
  'GET /admin/settings': { request: NoInput; answer: settings.Settings }
  'GET /admin/version': { request: NoInput; answer: string }
  'GET /admin/storage': { request: NoInput; answer: answers.ServerDefaultResultStorage }
  'PUT /admin/storage': { request: { body: requests.ServerDefaultResultStorageUpdate }; answer: answers.ServerDefaultResultStorage }
  'DELETE /admin/storage': { request: NoInput; answer: void }
  'GET /csrf-token': { request: { query: { client: string } }; answer: answers.CsrfToken }
  'POST /automations/': { request: { body: requests.AutomationCreate }; answer: answers.Automation }
  'PUT /automations/{id}': { request: { path: { id: string }; body: requests.AutomationUpdate }; answer: void }
  'PATCH /automations/{id}': { request: { path: { id: string }; body: requests.AutomationPartialUpdate }; answer: void }
  'DELETE /automations/{id}': { request: { path: { id: string } }; answer: void }
  'POST /automations/filter': { request: { body?: requests.ReadAutomationsBody | undefined }; answer: answers.Automation[] }
  'POST /automations/count': { request: { body?: requests.CountAutomationsBody | undefined }; answer: number }
  'GET /automations/{id}': { request: { path: { id: string } }; answer: answers.Automation }
  'GET /automations/related-to/{resource_id}': { request: { path: { resource_id: string } }; answer: answers.Automation[] }
  'DELETE /automations/owned-by/{resource_id}': { request: { path: { resource_id: string } }; answer: unknown }
  'GET /collections/views/{view}': { request: { path: { view: string } }; answer: Record<string, unknown> }
  'POST /templates/validate': { request: { body?: string | undefined }; answer: void }
  'POST /automations/templates/validate': { request: { body?: string | undefined }; answer: void }
  'GET /openapi.json': { request: NoInput; answer: Record<string, unknown> }
}
