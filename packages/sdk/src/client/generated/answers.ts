// Made from the route table of the server by `node scripts/generate-client.mjs`: do not edit.

export interface Artifact {
  id: string
  created: string | null
  updated: string | null
  key: string | null
  type: string | null
  description: string | null
  data: unknown
  metadata_: Record<string, string> | null
  flow_run_id: string | null
  task_run_id: string | null
}

export interface ArtifactCollection {
  id: string
  created: string | null
  updated: string | null
  key: string
  latest_id: string
  type: string | null
  description: string | null
  data: unknown
  metadata_: Record<string, string> | null
  flow_run_id: string | null
  task_run_id: string | null
}

export interface Automation {
  name: string
  description: string
  enabled: boolean
  tags: string[]
  trigger: EventTrigger | CompoundTrigger | SequenceTrigger
  actions: (DoNothing | RunDeployment | PauseDeployment | ResumeDeployment | CancelFlowRun | DeleteFlowRun | ChangeFlowRunState | PauseWorkQueue
    | ResumeWorkQueue | SendNotification | CallWebhook | PauseAutomation | ResumeAutomation | SuspendFlowRun | ResumeFlowRun | PauseWorkPool
    | ResumeWorkPool)[]
  actions_on_trigger: (DoNothing | RunDeployment | PauseDeployment | ResumeDeployment | CancelFlowRun | DeleteFlowRun | ChangeFlowRunState
    | PauseWorkQueue | ResumeWorkQueue | SendNotification | CallWebhook | PauseAutomation | ResumeAutomation | SuspendFlowRun | ResumeFlowRun
    | PauseWorkPool | ResumeWorkPool)[]
  actions_on_resolve: (DoNothing | RunDeployment | PauseDeployment | ResumeDeployment | CancelFlowRun | DeleteFlowRun | ChangeFlowRunState
    | PauseWorkQueue | ResumeWorkQueue | SendNotification | CallWebhook | PauseAutomation | ResumeAutomation | SuspendFlowRun | ResumeFlowRun
    | PauseWorkPool | ResumeWorkPool)[]
  id: string
  created: string | null
  updated: string | null
}

export interface BlockDocument {
  id: string
  created: string | null
  updated: string | null
  name: string | null
  data: Record<string, unknown>
  block_schema_id: string
  block_schema: BlockSchema | null
  block_type_id: string
  block_type_name: string | null
  block_type: BlockType | null
  block_document_references: Record<string, Record<string, unknown>>
  is_anonymous: boolean
}

export interface BlockSchema {
  id: string
  created: string | null
  updated: string | null
  checksum: string
  fields: Record<string, unknown>
  block_type_id: string | null
  block_type: BlockType | null
  capabilities: string[]
  version: string
}

export interface BlockType {
  id: string
  created: string | null
  updated: string | null
  name: string
  slug: string
  logo_url: string | null
  documentation_url: string | null
  description: string | null
  code_example: string | null
  is_protected: boolean
}

export interface CallWebhook {
  type: 'call-webhook'
  block_document_id: string
  payload: string
}

export interface CancelFlowRun {
  type: 'cancel-flow-run'
}

export interface ChangeFlowRunState {
  type: 'change-flow-run-state'
  name: string | null
  state: StateType
  message: string | null
  force: boolean
}

export interface CompoundTrigger {
  type: 'compound'
  id: string
  triggers: (EventTrigger | CompoundTrigger | SequenceTrigger)[]
  within: number | null
  require: number | 'any' | 'all'
}

export interface ConcurrencyLimit {
  id: string
  created: string | null
  updated: string | null
  tag: string
  concurrency_limit: number
  active_slots: string[]
}

export type ConcurrencyLimitStrategy = 'ENQUEUE' | 'CANCEL_NEW'

export interface ConcurrencyLimitV2 {
  id: string
  created: string | null
  updated: string | null
  active: boolean
  name: string
  limit: number
  active_slots: number
  denied_slots: number
  slot_decay_per_second: number
  avg_slot_occupancy_seconds: number
}

export interface ConcurrencyLimitWithLeaseResponse {
  lease_id: string
  limits: MinimalConcurrencyLimitResponse[]
}

export interface ConcurrencyOptions {
  collision_strategy: ConcurrencyLimitStrategy
  grace_period_seconds: number | null
}

export interface Constant {
  input_type: 'constant'
  type: string
}

export interface CountByState {
  COMPLETED: number
  PENDING: number
  RUNNING: number
  FAILED: number
  CANCELLED: number
  CRASHED: number
  PAUSED: number
  CANCELLING: number
  SCHEDULED: number
}

export interface CreatedBy {
  id: string | null
  type: string | null
  display_value: string | null
}

export interface CronSchedule {
  cron: string
  timezone: string | null
  day_or: boolean
}

export interface CsrfToken {
  id: string
  created: string | null
  updated: string | null
  token: string
  client: string
  expiration: string
}

export interface DeleteFlowRun {
  type: 'delete-flow-run'
}

export interface DependencyResult {
  id: string
  name: string
  upstream_dependencies: TaskRunResult[]
  state: State | null
  expected_start_time: string | null
  start_time: string | null
  end_time: string | null
  total_run_time: number | null
  estimated_run_time: number | null
  untrackable_result: boolean
}

export interface DeploymentBulkDeleteResponse {
  deleted: string[]
}

export interface DeploymentPaginationResponse {
  results: DeploymentResponse[]
  count: number
  limit: number
  pages: number
  page: number
}

export interface DeploymentResponse {
  id: string
  created: string | null
  updated: string | null
  name: string
  version: string | null
  description: string | null
  flow_id: string
  paused: boolean
  schedules: DeploymentSchedule[]
  /** @deprecated */
  concurrency_limit: number | null
  global_concurrency_limit: GlobalConcurrencyLimitResponse | null
  concurrency_options: ConcurrencyOptions | null
  job_variables: Record<string, unknown>
  parameters: Record<string, unknown>
  tags: string[]
  labels: Record<string, boolean | number | string>
  work_queue_name: string | null
  work_queue_id: string | null
  last_polled: string | null
  parameter_openapi_schema: Record<string, unknown> | null
  path: string | null
  pull_steps: Record<string, unknown>[] | null
  entrypoint: string | null
  storage_document_id: string | null
  infrastructure_document_id: string | null
  created_by: CreatedBy | null
  updated_by: UpdatedBy | null
  work_pool_name: string | null
  status: DeploymentStatus | null
  enforce_parameter_schema: boolean
}

export interface DeploymentSchedule {
  id: string
  created: string | null
  updated: string | null
  deployment_id: string | null
  schedule: IntervalSchedule | CronSchedule | RRuleSchedule
  active: boolean
  max_scheduled_runs: number | null
  parameters: Record<string, unknown>
  slug: string | null
}

export type DeploymentStatus = 'READY' | 'NOT_READY'

export interface DoNothing {
  type: 'do-nothing'
}

export interface Edge {
  id: string
}

export interface EventCount {
  value: string
  label: string
  count: number
  start_time: string
  end_time: string
}

export interface EventPage {
  events: ReceivedEvent[]
  total: number
  next_page: string | null
}

export interface EventTrigger {
  type: 'event'
  id: string
  match: ResourceSpecification | Record<string, string | string[]>
  match_related: ResourceSpecification | Record<string, string | string[]> | (ResourceSpecification | Record<string, string | string[]>)[]
  after: string[]
  expect: string[]
  for_each: string[]
  posture: 'Reactive' | 'Proactive'
  threshold: number
  within: number
}

export interface Flow {
  id: string
  created: string | null
  updated: string | null
  name: string
  tags: string[]
  labels: Record<string, boolean | number | string> | null
}

export interface FlowBulkDeleteResponse {
  deleted: string[]
}

export interface FlowPaginationResponse {
  results: Flow[]
  count: number
  limit: number
  pages: number
  page: number
}

export interface FlowRun {
  id: string
  created: string | null
  updated: string | null
  name: string
  flow_id: string
  state_id: string | null
  deployment_id: string | null
  deployment_version: string | null
  work_queue_name: string | null
  flow_version: string | null
  parameters: Record<string, unknown>
  idempotency_key: string | null
  context: Record<string, unknown>
  empirical_policy: FlowRunPolicy
  tags: string[]
  labels: Record<string, boolean | number | string> | null
  parent_task_run_id: string | null
  state_type: StateType | null
  state_name: string | null
  run_count: number
  expected_start_time: string | null
  next_scheduled_start_time: string | null
  start_time: string | null
  end_time: string | null
  total_run_time: number
  estimated_run_time: number
  estimated_start_time_delta: number
  auto_scheduled: boolean
  infrastructure_document_id: string | null
  infrastructure_pid: string | null
  created_by: CreatedBy | null
  work_queue_id: string | null
  state: State | null
  job_variables: Record<string, unknown> | null
}

export interface FlowRunBulkCreateResponse {
  results: FlowRunCreateResult[]
}

export interface FlowRunBulkDeleteResponse {
  deleted: string[]
}

export interface FlowRunBulkSetStateResponse {
  results: FlowRunOrchestrationResult[]
}

export interface FlowRunCreateResult {
  flow_run_id: string | null
  status: 'CREATED' | 'FAILED'
  error: string | null
}

export interface FlowRunInput {
  id: string
  created: string | null
  updated: string | null
  flow_run_id: string
  key: string
  value: string
  sender: string | null
}

export interface FlowRunOrchestrationResult {
  flow_run_id: string
  status: SetStateStatus
  state: State | null
  details: StateAcceptDetails | StateWaitDetails | StateRejectDetails | StateAbortDetails
}

export interface FlowRunPaginationResponse {
  results: FlowRunResponse[]
  count: number
  limit: number
  pages: number
  page: number
}

export interface FlowRunPolicy {
  /** @deprecated */
  max_retries: number
  /** @deprecated */
  retry_delay_seconds: number
  retries: number | null
  retry_delay: number | null
  pause_keys: string[] | null
  resuming: boolean | null
  retry_type: 'in_process' | 'reschedule' | null
}

export interface FlowRunResponse {
  id: string
  created: string | null
  updated: string | null
  name: string
  flow_id: string
  state_id: string | null
  deployment_id: string | null
  deployment_version: string | null
  work_queue_id: string | null
  work_queue_name: string | null
  flow_version: string | null
  parameters: Record<string, unknown>
  idempotency_key: string | null
  context: Record<string, unknown>
  empirical_policy: FlowRunPolicy
  tags: string[]
  labels: Record<string, boolean | number | string>
  parent_task_run_id: string | null
  state_type: StateType | null
  state_name: string | null
  run_count: number
  expected_start_time: string | null
  next_scheduled_start_time: string | null
  start_time: string | null
  end_time: string | null
  total_run_time: number
  estimated_run_time: number
  estimated_start_time_delta: number
  auto_scheduled: boolean
  infrastructure_document_id: string | null
  infrastructure_pid: string | null
  created_by: CreatedBy | null
  work_pool_id: string | null
  work_pool_name: string | null
  state: State | null
  job_variables: Record<string, unknown> | null
}

export interface FlowRunResult {
  input_type: 'flow_run'
  id: string
}

export interface FlowRunSlotSummary {
  id: string
  name: string
  state_type: StateType | null
  state_name: string | null
  start_time: string | null
  state_timestamp: string | null
  time_in_current_state: number | null
}

export interface GlobalConcurrencyLimitResponse {
  id: string
  created: string | null
  updated: string | null
  active: boolean
  name: string
  limit: number
  active_slots: number
  slot_decay_per_second: number
}

export interface Graph {
  start_time: string | null
  end_time: string | null
  root_node_ids: string[]
  nodes: [string, Node][]
  artifacts: GraphArtifact[]
  states: GraphState[]
}

export interface GraphArtifact {
  id: string
  created: string
  key: string | null
  type: string | null
  is_latest: boolean
  data: unknown
}

export interface GraphState {
  id: string
  timestamp: string
  type: StateType
  name: string
}

export interface HistoryResponse {
  interval_start: string
  interval_end: string
  states: HistoryResponseState[]
}

export interface HistoryResponseState {
  state_type: StateType
  state_name: string
  count_runs: number
  sum_estimated_run_time: number
  sum_estimated_lateness: number
}

export interface IntervalSchedule {
  interval: number
  anchor_date: string
  timezone: string | null
}

export interface Log {
  id: string
  created: string | null
  updated: string | null
  name: string
  level: number
  message: string
  timestamp: string
  flow_run_id: string | null
  task_run_id: string | null
}

export interface MinimalConcurrencyLimitResponse {
  id: string
  name: string
  limit: number
}

export interface Node {
  kind: 'flow-run' | 'task-run'
  id: string
  label: string
  state_type: StateType
  start_time: string
  end_time: string | null
  parents: Edge[]
  children: Edge[]
  encapsulating: Edge[]
  artifacts: GraphArtifact[]
}

export interface OrchestrationResult {
  state: State | null
  status: SetStateStatus
  details: StateAcceptDetails | StateWaitDetails | StateRejectDetails | StateAbortDetails
}

export interface Parameter {
  input_type: 'parameter'
  name: string
}

export interface PauseAutomation {
  type: 'pause-automation'
  source: 'selected' | 'inferred'
  automation_id: string | null
}

export interface PauseDeployment {
  type: 'pause-deployment'
  source: 'selected' | 'inferred'
  deployment_id: string | null
}

export interface PauseWorkPool {
  type: 'pause-work-pool'
  source: 'selected' | 'inferred'
  work_pool_id: string | null
}

export interface PauseWorkQueue {
  type: 'pause-work-queue'
  source: 'selected' | 'inferred'
  work_queue_id: string | null
}

export interface QueueFilter {
  tags: string[] | null
  deployment_ids: string[] | null
}

export interface RRuleSchedule {
  rrule: string
  timezone: string | null
}

export interface ReceivedEvent {
  occurred: string
  event: string
  resource: Resource
  related: RelatedResource[]
  payload: Record<string, unknown>
  id: string
  follows: string | null
  received: string
}

export type RelatedResource = Record<string, string>

export type Resource = Record<string, string>

export type ResourceSpecification = Record<string, string | string[]>

export interface ResumeAutomation {
  type: 'resume-automation'
  source: 'selected' | 'inferred'
  automation_id: string | null
}

export interface ResumeDeployment {
  type: 'resume-deployment'
  source: 'selected' | 'inferred'
  deployment_id: string | null
}

export interface ResumeFlowRun {
  type: 'resume-flow-run'
}

export interface ResumeWorkPool {
  type: 'resume-work-pool'
  source: 'selected' | 'inferred'
  work_pool_id: string | null
}

export interface ResumeWorkQueue {
  type: 'resume-work-queue'
  source: 'selected' | 'inferred'
  work_queue_id: string | null
}

export interface RunDeployment {
  type: 'run-deployment'
  source: 'selected' | 'inferred'
  deployment_id: string | null
  parameters: Record<string, unknown> | null
  job_variables: Record<string, unknown> | null
  schedule_after: number
}

export interface SavedSearch {
  id: string
  created: string | null
  updated: string | null
  name: string
  filters: SavedSearchFilter[]
}

export interface SavedSearchFilter {
  object: string
  property: string
  type: string
  operation: string
  value: unknown
}

export interface SchemaValueIndexError {
  index: number
  errors: (string | SchemaValuePropertyError | SchemaValueIndexError)[]
}

export interface SchemaValuePropertyError {
  property: string
  errors: (string | SchemaValuePropertyError | SchemaValueIndexError)[]
}

export interface SchemaValuesValidationResponse {
  errors: (string | SchemaValuePropertyError | SchemaValueIndexError)[]
  valid: boolean
}

export interface SendNotification {
  type: 'send-notification'
  block_document_id: string
  subject: string
  body: string
}

export interface SequenceTrigger {
  type: 'sequence'
  id: string
  triggers: (EventTrigger | CompoundTrigger | SequenceTrigger)[]
  within: number | null
}

export interface ServerDefaultResultStorage {
  default_result_storage_block_id: string | null
}

export type SetStateStatus = 'ACCEPT' | 'REJECT' | 'ABORT' | 'WAIT'

export interface SimpleFlowRun {
  id: string
  state_type: StateType
  timestamp: string
  duration: number
  lateness: number
}

export interface SimpleNextFlowRun {
  id: string
  flow_id: string
  name: string
  state_name: string
  state_type: StateType
  next_scheduled_start_time: string
}

export interface SpillwayStreamTicket {
  ticket: string
  expires: string
}

export interface State {
  id: string
  type: StateType
  name: string | null
  timestamp: string
  message: string | null
  data: unknown
  state_details: StateDetails
}

export interface StateAbortDetails {
  type: 'abort_details'
  reason: string | null
}

export interface StateAcceptDetails {
  type: 'accept_details'
}

export interface StateDetails {
  flow_run_id: string | null
  task_run_id: string | null
  child_flow_run_id: string | null
  scheduled_time: string | null
  cache_key: string | null
  cache_expiration: string | null
  deferred: boolean | null
  untrackable_result: boolean
  pause_timeout: string | null
  pause_reschedule: boolean
  pause_key: string | null
  run_input_keyset: Record<string, string> | null
  refresh_cache: boolean | null
  retriable: boolean | null
  transition_id: string | null
  task_parameters_id: string | null
  traceparent: string | null
  deployment_concurrency_lease_id: string | null
}

export interface StateRejectDetails {
  type: 'reject_details'
  reason: string | null
}

export type StateType = 'SCHEDULED' | 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CRASHED' | 'PAUSED' | 'CANCELLING'

export interface StateWaitDetails {
  type: 'wait_details'
  delay_seconds: number
  reason: string | null
}

export interface SuspendFlowRun {
  type: 'suspend-flow-run'
}

export interface TaskRun {
  id: string
  created: string | null
  updated: string | null
  name: string
  flow_run_id: string | null
  task_key: string
  dynamic_key: string
  cache_key: string | null
  cache_expiration: string | null
  task_version: string | null
  empirical_policy: TaskRunPolicy
  tags: string[]
  labels: Record<string, boolean | number | string> | null
  state_id: string | null
  task_inputs: Record<string, (TaskRunResult | FlowRunResult | Parameter | Constant)[]>
  state_type: StateType | null
  state_name: string | null
  run_count: number
  flow_run_run_count: number
  expected_start_time: string | null
  next_scheduled_start_time: string | null
  start_time: string | null
  end_time: string | null
  total_run_time: number
  estimated_run_time: number
  estimated_start_time_delta: number
  state: State | null
}

export type TaskRunCount = Record<string, number>

export interface TaskRunPaginationResponse {
  results: TaskRunResponse[]
  count: number
  limit: number
  pages: number
  page: number
}

export interface TaskRunPolicy {
  /** @deprecated */
  max_retries: number
  /** @deprecated */
  retry_delay_seconds: number
  retries: number | null
  retry_delay: number | number[] | null
  retry_jitter_factor: number | null
}

export interface TaskRunResponse {
  id: string
  created: string | null
  updated: string | null
  name: string
  flow_run_id: string | null
  task_key: string
  state_id: string | null
  state: State | null
  task_version: string | null
  task_inputs: Record<string, (TaskRunResult | FlowRunResult | Parameter | Constant)[]>
  empirical_policy: TaskRunPolicy
  tags: string[]
  start_time: string | null
  end_time: string | null
  total_run_time: number
  estimated_run_time: number
  estimated_start_time_delta: number
}

export interface TaskRunResult {
  input_type: 'task_run'
  id: string
}

export interface TaskWorkerResponse {
  identifier: string
  task_keys: string[]
  timestamp: string
}

export interface UITaskRun {
  id: string
  created: string | null
  updated: string | null
  name: string
  flow_run_id: string | null
  task_key: string
  dynamic_key: string
  cache_key: string | null
  cache_expiration: string | null
  task_version: string | null
  empirical_policy: TaskRunPolicy
  tags: string[]
  labels: Record<string, boolean | number | string> | null
  state_id: string | null
  task_inputs: Record<string, (TaskRunResult | FlowRunResult | Parameter | Constant)[]>
  state_type: StateType | null
  state_name: string | null
  run_count: number
  flow_run_run_count: number
  expected_start_time: string | null
  next_scheduled_start_time: string | null
  start_time: string | null
  end_time: string | null
  total_run_time: number
  estimated_run_time: number
  estimated_start_time_delta: number
  state: State | null
  flow_run_name: string | null
}

export interface UpdatedBy {
  id: string | null
  type: string | null
  display_value: string | null
}

export interface ValidationError {
  loc: (string | number)[]
  msg: string
  type: string
  input?: unknown
  ctx?: Record<string, unknown>
}

export interface Variable {
  id: string
  created: string | null
  updated: string | null
  name: string
  value: string | number | boolean | Record<string, unknown> | unknown[] | null
  tags: string[]
}

export interface WorkPoolConcurrencyStatus {
  active_slots: number
  concurrency_limit: number | null
  queues: WorkQueueConcurrencyStatusDetail[]
  count: number
  limit: number
  pages: number
  page: number
}

export interface WorkPoolResponse {
  id: string
  created: string | null
  updated: string | null
  name: string
  description: string | null
  type: string
  base_job_template: Record<string, unknown>
  is_paused: boolean
  concurrency_limit: number | null
  status: WorkPoolStatus | null
  default_queue_id: string | null
  storage_configuration: WorkPoolStorageConfiguration
  active_slots: number | null
}

export type WorkPoolStatus = 'READY' | 'NOT_READY' | 'PAUSED'

export interface WorkPoolStorageConfiguration {
  bundle_upload_step: Record<string, unknown> | null
  bundle_execution_step: Record<string, unknown> | null
  default_result_storage_block_id: string | null
}

export interface WorkQueue {
  id: string
  created: string | null
  updated: string | null
  name: string
  description: string | null
  is_paused: boolean
  concurrency_limit: number | null
  priority: number
  work_pool_id: string | null
  /** @deprecated */
  filter: QueueFilter | null
  last_polled: string | null
}

export interface WorkQueueConcurrencyStatus {
  active_slots: number
  concurrency_limit: number | null
  flow_runs: FlowRunSlotSummary[]
  count: number
  limit: number
  pages: number
  page: number
}

export interface WorkQueueConcurrencyStatusDetail {
  queue_id: string
  queue_name: string
  active_slots: number
  concurrency_limit: number | null
  flow_runs: FlowRunSlotSummary[]
  flow_run_count: number | null
}

export interface WorkQueueHealthPolicy {
  maximum_late_runs: number | null
  maximum_seconds_since_last_polled: number | null
}

export interface WorkQueueResponse {
  id: string
  created: string | null
  updated: string | null
  name: string
  description: string | null
  is_paused: boolean
  concurrency_limit: number | null
  priority: number
  work_pool_id: string | null
  /** @deprecated */
  filter: QueueFilter | null
  last_polled: string | null
  work_pool_name: string | null
  status: WorkQueueStatus | null
  active_slots: number | null
}

export type WorkQueueStatus = 'READY' | 'NOT_READY' | 'PAUSED'

export interface WorkQueueStatusDetail {
  healthy: boolean
  late_runs_count: number
  last_polled: string | null
  health_check_policy: WorkQueueHealthPolicy
}

export interface WorkerFlowRunResponse {
  work_pool_id: string
  work_queue_id: string
  flow_run: FlowRun
}

export interface WorkerResponse {
  id: string
  created: string | null
  updated: string | null
  name: string
  work_pool_id: string
  last_heartbeat_time: string | null
  heartbeat_interval_seconds: number | null
  status: WorkerStatus
}

export type WorkerStatus = 'ONLINE' | 'OFFLINE'
