// Made from the route table of the server by `node scripts/generate-client.mjs`: do not edit.
import type * as answers from './answers.ts'

export interface ArtifactCollectionFilter {
  operator?: Operator | undefined
  latest_id?: ArtifactCollectionFilterLatestId | null | undefined
  key?: ArtifactCollectionFilterKey | null | undefined
  flow_run_id?: ArtifactCollectionFilterFlowRunId | null | undefined
  task_run_id?: ArtifactCollectionFilterTaskRunId | null | undefined
  type?: ArtifactCollectionFilterType | null | undefined
}

export interface ArtifactCollectionFilterFlowRunId {
  any_?: readonly string[] | null | undefined
}

export interface ArtifactCollectionFilterKey {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
  exists_?: boolean | null | undefined
}

export interface ArtifactCollectionFilterLatestId {
  any_?: readonly string[] | null | undefined
}

export interface ArtifactCollectionFilterTaskRunId {
  any_?: readonly string[] | null | undefined
}

export interface ArtifactCollectionFilterType {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export type ArtifactCollectionSort = 'CREATED_DESC' | 'UPDATED_DESC' | 'ID_DESC' | 'KEY_DESC' | 'KEY_ASC'

export interface ArtifactCreate {
  key?: string | null | undefined
  type?: string | null | undefined
  description?: string | null | undefined
  data?: unknown
  metadata_?: Record<string, string> | null | undefined
  flow_run_id?: string | null | undefined
  task_run_id?: string | null | undefined
}

export interface ArtifactFilter {
  operator?: Operator | undefined
  id?: ArtifactFilterId | null | undefined
  key?: ArtifactFilterKey | null | undefined
  flow_run_id?: ArtifactFilterFlowRunId | null | undefined
  task_run_id?: ArtifactFilterTaskRunId | null | undefined
  type?: ArtifactFilterType | null | undefined
}

export interface ArtifactFilterFlowRunId {
  any_?: readonly string[] | null | undefined
}

export interface ArtifactFilterId {
  any_?: readonly string[] | null | undefined
}

export interface ArtifactFilterKey {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
  exists_?: boolean | null | undefined
}

export interface ArtifactFilterTaskRunId {
  any_?: readonly string[] | null | undefined
}

export interface ArtifactFilterType {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export type ArtifactSort = 'CREATED_DESC' | 'UPDATED_DESC' | 'ID_DESC' | 'KEY_DESC' | 'KEY_ASC'

export interface ArtifactUpdate {
  data?: unknown
  description?: string | null | undefined
  metadata_?: Record<string, string> | null | undefined
}

export interface AutomationCreate {
  name: string
  description?: string | undefined
  enabled?: boolean | undefined
  tags?: readonly string[] | undefined
  trigger: EventTriggerInput | CompoundTriggerInput | SequenceTriggerInput
  actions: readonly (DoNothingInput | RunDeploymentInput | PauseDeploymentInput | ResumeDeploymentInput | CancelFlowRunInput | DeleteFlowRunInput
    | ChangeFlowRunStateInput | PauseWorkQueueInput | ResumeWorkQueueInput | SendNotificationInput | CallWebhookInput | PauseAutomationInput
    | ResumeAutomationInput | SuspendFlowRunInput | ResumeFlowRunInput | PauseWorkPoolInput | ResumeWorkPoolInput)[]
  actions_on_trigger?: readonly (DoNothingInput | RunDeploymentInput | PauseDeploymentInput | ResumeDeploymentInput | CancelFlowRunInput
    | DeleteFlowRunInput | ChangeFlowRunStateInput | PauseWorkQueueInput | ResumeWorkQueueInput | SendNotificationInput | CallWebhookInput
    | PauseAutomationInput | ResumeAutomationInput | SuspendFlowRunInput | ResumeFlowRunInput | PauseWorkPoolInput | ResumeWorkPoolInput)[]
    | undefined
  actions_on_resolve?: readonly (DoNothingInput | RunDeploymentInput | PauseDeploymentInput | ResumeDeploymentInput | CancelFlowRunInput
    | DeleteFlowRunInput | ChangeFlowRunStateInput | PauseWorkQueueInput | ResumeWorkQueueInput | SendNotificationInput | CallWebhookInput
    | PauseAutomationInput | ResumeAutomationInput | SuspendFlowRunInput | ResumeFlowRunInput | PauseWorkPoolInput | ResumeWorkPoolInput)[]
    | undefined
  owner_resource?: string | null | undefined
}

export interface AutomationFilter {
  operator?: Operator | undefined
  id?: AutomationFilterId | null | undefined
  name?: AutomationFilterName | null | undefined
  created?: AutomationFilterCreated | null | undefined
  tags?: AutomationFilterTags | null | undefined
}

export interface AutomationFilterCreated {
  before_?: string | null | undefined
}

export interface AutomationFilterId {
  any_?: readonly string[] | null | undefined
}

export interface AutomationFilterName {
  any_?: readonly string[] | null | undefined
}

export interface AutomationFilterTags {
  operator?: Operator | undefined
  all_?: readonly string[] | null | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface AutomationPartialUpdate {
  enabled?: boolean | undefined
}

export type AutomationSort = 'CREATED_DESC' | 'UPDATED_DESC' | 'NAME_ASC' | 'NAME_DESC'

export interface AutomationUpdate {
  name: string
  description?: string | undefined
  enabled?: boolean | undefined
  tags?: readonly string[] | undefined
  trigger: EventTriggerInput | CompoundTriggerInput | SequenceTriggerInput
  actions: readonly (DoNothingInput | RunDeploymentInput | PauseDeploymentInput | ResumeDeploymentInput | CancelFlowRunInput | DeleteFlowRunInput
    | ChangeFlowRunStateInput | PauseWorkQueueInput | ResumeWorkQueueInput | SendNotificationInput | CallWebhookInput | PauseAutomationInput
    | ResumeAutomationInput | SuspendFlowRunInput | ResumeFlowRunInput | PauseWorkPoolInput | ResumeWorkPoolInput)[]
  actions_on_trigger?: readonly (DoNothingInput | RunDeploymentInput | PauseDeploymentInput | ResumeDeploymentInput | CancelFlowRunInput
    | DeleteFlowRunInput | ChangeFlowRunStateInput | PauseWorkQueueInput | ResumeWorkQueueInput | SendNotificationInput | CallWebhookInput
    | PauseAutomationInput | ResumeAutomationInput | SuspendFlowRunInput | ResumeFlowRunInput | PauseWorkPoolInput | ResumeWorkPoolInput)[]
    | undefined
  actions_on_resolve?: readonly (DoNothingInput | RunDeploymentInput | PauseDeploymentInput | ResumeDeploymentInput | CancelFlowRunInput
    | DeleteFlowRunInput | ChangeFlowRunStateInput | PauseWorkQueueInput | ResumeWorkQueueInput | SendNotificationInput | CallWebhookInput
    | PauseAutomationInput | ResumeAutomationInput | SuspendFlowRunInput | ResumeFlowRunInput | PauseWorkPoolInput | ResumeWorkPoolInput)[]
    | undefined
}

export interface AverageFlowRunLatenessBody {
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
}

export interface BlockDocumentCreate {
  name?: string | null | undefined
  data?: Record<string, unknown> | undefined
  block_schema_id: string
  block_type_id: string
  is_anonymous?: boolean | undefined
}

export interface BlockDocumentFilter {
  operator?: Operator | undefined
  id?: BlockDocumentFilterId | null | undefined
  is_anonymous?: BlockDocumentFilterIsAnonymous | null | undefined
  block_type_id?: BlockDocumentFilterBlockTypeId | null | undefined
  name?: BlockDocumentFilterName | null | undefined
}

export interface BlockDocumentFilterBlockTypeId {
  any_?: readonly string[] | null | undefined
}

export interface BlockDocumentFilterId {
  any_?: readonly string[] | null | undefined
}

export interface BlockDocumentFilterIsAnonymous {
  eq_?: boolean | null | undefined
}

export interface BlockDocumentFilterName {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
}

export type BlockDocumentSort = 'NAME_DESC' | 'NAME_ASC' | 'BLOCK_TYPE_AND_NAME_ASC'

export interface BlockDocumentUpdate {
  block_schema_id?: string | null | undefined
  data?: Record<string, unknown> | undefined
  merge_existing_data?: boolean | undefined
}

export interface BlockSchemaCreate {
  fields?: Record<string, unknown> | undefined
  block_type_id: string
  capabilities?: readonly string[] | undefined
  version?: string | undefined
}

export interface BlockSchemaFilter {
  operator?: Operator | undefined
  block_type_id?: BlockSchemaFilterBlockTypeId | null | undefined
  block_capabilities?: BlockSchemaFilterCapabilities | null | undefined
  id?: BlockSchemaFilterId | null | undefined
  version?: BlockSchemaFilterVersion | null | undefined
}

export interface BlockSchemaFilterBlockTypeId {
  any_?: readonly string[] | null | undefined
}

export interface BlockSchemaFilterCapabilities {
  all_?: readonly string[] | null | undefined
}

export interface BlockSchemaFilterId {
  any_?: readonly string[] | null | undefined
}

export interface BlockSchemaFilterVersion {
  any_?: readonly string[] | null | undefined
}

export interface BlockTypeCreate {
  name: string
  slug: string
  logo_url?: string | null | undefined
  documentation_url?: string | null | undefined
  description?: string | null | undefined
  code_example?: string | null | undefined
}

export interface BlockTypeFilter {
  name?: BlockTypeFilterName | null | undefined
  slug?: BlockTypeFilterSlug | null | undefined
}

export interface BlockTypeFilterName {
  like_?: string | null | undefined
}

export interface BlockTypeFilterSlug {
  any_?: readonly string[] | null | undefined
}

export interface BlockTypeUpdate {
  logo_url?: string | null | undefined
  documentation_url?: string | null | undefined
  description?: string | null | undefined
  code_example?: string | null | undefined
}

export interface BulkDecrementActiveSlotsBody {
  slots: number
  names: readonly string[]
  occupancy_seconds?: number | null | undefined
  /** @deprecated */
  create_if_missing?: boolean | undefined
}

export interface BulkDecrementActiveSlotsWithLeaseBody {
  lease_id: string
}

export interface BulkDeleteDeploymentsBody {
  deployments?: DeploymentFilter | null | undefined
  limit?: number | undefined
}

export interface BulkDeleteFlowRunsBody {
  flow_runs?: FlowRunFilter | null | undefined
  limit?: number | undefined
}

export interface BulkDeleteFlowsBody {
  flows?: FlowFilter | null | undefined
  limit?: number | undefined
}

export interface BulkIncrementActiveSlotsBody {
  slots: number
  names: readonly string[]
  mode?: 'concurrency' | 'rate_limit' | undefined
  /** @deprecated */
  create_if_missing?: boolean | null | undefined
}

export interface BulkIncrementActiveSlotsWithLeaseBody {
  slots: number
  names: readonly string[]
  mode?: 'concurrency' | 'rate_limit' | undefined
  lease_duration?: number | undefined
  holder?: ConcurrencyLeaseHolder | null | undefined
}

export interface BulkSetFlowRunStateBody {
  flow_runs?: FlowRunFilter | null | undefined
  state: StateCreate
  force?: boolean | undefined
  limit?: number | undefined
}

export interface CallWebhookInput {
  type?: 'call-webhook' | undefined
  block_document_id: string
  payload?: string | undefined
}

export interface CancelFlowRunInput {
  type?: 'cancel-flow-run' | undefined
}

export interface ChangeFlowRunStateInput {
  type?: 'change-flow-run-state' | undefined
  name?: string | null | undefined
  state: answers.StateType
  message?: string | null | undefined
  force?: boolean | undefined
}

export interface CompoundTriggerInput {
  type?: 'compound' | undefined
  id?: string | undefined
  triggers: readonly (EventTriggerInput | CompoundTriggerInput | SequenceTriggerInput)[]
  within: number | string | null
  require: number | 'any' | 'all'
}

export interface ConcurrencyLeaseHolder {
  type: 'flow_run' | 'task_run' | 'deployment'
  id: string
}

export interface ConcurrencyLimitCreate {
  tag: string
  concurrency_limit: number
}

export interface ConcurrencyLimitV2Create {
  active?: boolean | undefined
  name: string
  limit: number
  active_slots?: number | undefined
  denied_slots?: number | undefined
  slot_decay_per_second?: number | undefined
}

export interface ConcurrencyLimitV2Update {
  active?: boolean | null | undefined
  name?: string | null | undefined
  limit?: number | null | undefined
  active_slots?: number | null | undefined
  denied_slots?: number | null | undefined
  slot_decay_per_second?: number | null | undefined
}

export interface ConcurrencyOptionsInput {
  collision_strategy: answers.ConcurrencyLimitStrategy
  grace_period_seconds?: number | null | undefined
}

export interface ConstantInput {
  input_type?: 'constant' | undefined
  type: string
}

export interface CountAccountEventsBody {
  filter: EventFilter
  time_unit?: TimeUnit | undefined
  time_interval?: number | undefined
}

export interface CountArtifactsBody {
  artifacts?: ArtifactFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  flows?: FlowFilter | undefined
  deployments?: DeploymentFilter | undefined
}

export interface CountAutomationsBody {
  automations?: AutomationFilter | null | undefined
}

export interface CountBlockDocumentsBody {
  block_documents?: BlockDocumentFilter | null | undefined
  block_types?: BlockTypeFilter | null | undefined
  block_schemas?: BlockSchemaFilter | null | undefined
}

export interface CountDeploymentsBody {
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
}

export interface CountDeploymentsByFlowBody {
  flow_ids: readonly string[]
}

export interface CountFlowRunsBody {
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
}

export interface CountFlowsBody {
  flows?: FlowFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  deployments?: DeploymentFilter | undefined
  work_pools?: WorkPoolFilter | undefined
}

export interface CountLatestArtifactsBody {
  artifacts?: ArtifactCollectionFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  flows?: FlowFilter | undefined
  deployments?: DeploymentFilter | undefined
}

export interface CountTaskRunsBody {
  flows?: FlowFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  deployments?: DeploymentFilter | undefined
}

export interface CountTaskRunsByFlowRunBody {
  flow_run_ids: readonly string[]
}

export interface CountVariablesBody {
  variables?: VariableFilter | null | undefined
}

export interface CountWorkPoolsBody {
  work_pools?: WorkPoolFilter | null | undefined
}

export type Countable = 'day' | 'time' | 'event' | 'resource'

export interface CreateFlowRunInputBody {
  key: string
  value: string
  sender?: string | null | undefined
}

export interface CronScheduleInput {
  cron: string
  timezone?: string | null | undefined
  day_or?: boolean | undefined
}

export interface DecrementConcurrencyLimitsV1Body {
  names: readonly string[]
  task_run_id: string
}

export interface DeleteFlowRunInput {
  type?: 'delete-flow-run' | undefined
}

export interface DeploymentCreate {
  name: string
  flow_id: string
  paused?: boolean | undefined
  schedules?: readonly DeploymentScheduleCreate[] | undefined
  concurrency_limit?: number | null | undefined
  concurrency_options?: ConcurrencyOptionsInput | null | undefined
  global_concurrency_limit_id?: string | null | undefined
  enforce_parameter_schema?: boolean | undefined
  parameter_openapi_schema?: Record<string, unknown> | null | undefined
  parameters?: Record<string, unknown> | undefined
  tags?: readonly string[] | undefined
  labels?: Record<string, boolean | number | string> | null | undefined
  pull_steps?: readonly Record<string, unknown>[] | null | undefined
  work_queue_name?: string | null | undefined
  work_pool_name?: string | null | undefined
  storage_document_id?: string | null | undefined
  infrastructure_document_id?: string | null | undefined
  description?: string | null | undefined
  path?: string | null | undefined
  version?: string | null | undefined
  entrypoint?: string | null | undefined
  job_variables?: Record<string, unknown> | undefined
  version_info?: VersionInfo | null | undefined
}

export interface DeploymentFilter {
  operator?: Operator | undefined
  id?: DeploymentFilterId | null | undefined
  name?: DeploymentFilterName | null | undefined
  flow_or_deployment_name?: DeploymentOrFlowNameFilter | null | undefined
  paused?: DeploymentFilterPaused | null | undefined
  tags?: DeploymentFilterTags | null | undefined
  work_queue_name?: DeploymentFilterWorkQueueName | null | undefined
  /** @deprecated */
  concurrency_limit?: DeploymentFilterConcurrencyLimit | null | undefined
}

export interface DeploymentFilterConcurrencyLimit {
  ge_?: number | null | undefined
  le_?: number | null | undefined
  is_null_?: boolean | null | undefined
}

export interface DeploymentFilterId {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export interface DeploymentFilterName {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
}

export interface DeploymentFilterPaused {
  eq_?: boolean | null | undefined
}

export interface DeploymentFilterTags {
  operator?: Operator | undefined
  all_?: readonly string[] | null | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface DeploymentFilterWorkQueueName {
  any_?: readonly string[] | null | undefined
}

export interface DeploymentFlowRunCreate {
  state?: StateCreate | null | undefined
  name?: string | null | undefined
  parameters?: Record<string, unknown> | undefined
  enforce_parameter_schema?: boolean | null | undefined
  context?: Record<string, unknown> | undefined
  infrastructure_document_id?: string | null | undefined
  empirical_policy?: FlowRunPolicyInput | undefined
  tags?: readonly string[] | undefined
  idempotency_key?: string | null | undefined
  labels?: Record<string, boolean | number | string> | null | undefined
  parent_task_run_id?: string | null | undefined
  work_queue_name?: string | null | undefined
  job_variables?: Record<string, unknown> | null | undefined
}

export interface DeploymentOrFlowNameFilter {
  like_?: string | null | undefined
}

export interface DeploymentScheduleCreate {
  active?: boolean | undefined
  schedule: IntervalScheduleInput | CronScheduleInput | RRuleScheduleInput
  max_scheduled_runs?: number | null | undefined
  parameters?: Record<string, unknown> | undefined
  slug?: string | null | undefined
  replaces?: string | null | undefined
}

export interface DeploymentScheduleUpdate {
  active?: boolean | null | undefined
  schedule?: IntervalScheduleInput | CronScheduleInput | RRuleScheduleInput | null | undefined
  max_scheduled_runs?: number | null | undefined
  parameters?: Record<string, unknown> | undefined
  slug?: string | null | undefined
  replaces?: string | null | undefined
}

export type DeploymentSort = 'CREATED_DESC' | 'UPDATED_DESC' | 'NAME_ASC' | 'NAME_DESC'

export interface DeploymentUpdate {
  version?: string | null | undefined
  description?: string | null | undefined
  paused?: boolean | undefined
  schedules?: readonly DeploymentScheduleUpdate[] | undefined
  concurrency_limit?: number | null | undefined
  concurrency_options?: ConcurrencyOptionsInput | null | undefined
  global_concurrency_limit_id?: string | null | undefined
  parameters?: Record<string, unknown> | null | undefined
  parameter_openapi_schema?: Record<string, unknown> | null | undefined
  tags?: readonly string[] | undefined
  work_queue_name?: string | null | undefined
  work_pool_name?: string | null | undefined
  path?: string | null | undefined
  job_variables?: Record<string, unknown> | null | undefined
  pull_steps?: readonly Record<string, unknown>[] | null | undefined
  entrypoint?: string | null | undefined
  storage_document_id?: string | null | undefined
  infrastructure_document_id?: string | null | undefined
  enforce_parameter_schema?: boolean | null | undefined
  version_info?: VersionInfo | null | undefined
}

export interface DoNothingInput {
  type?: 'do-nothing' | undefined
}

export interface Event {
  occurred: string
  event: string
  resource: answers.Resource
  related?: readonly answers.RelatedResource[] | undefined
  payload?: Record<string, unknown> | undefined
  id: string
  follows?: string | null | undefined
}

export interface EventAnyResourceFilter {
  id?: readonly string[] | null | undefined
  id_prefix?: readonly string[] | null | undefined
  labels?: ResourceSpecificationInput | null | undefined
}

export interface EventFilter {
  occurred?: EventOccurredFilter | undefined
  event?: EventNameFilter | null | undefined
  resource?: EventResourceFilter | null | undefined
  related?: EventRelatedFilter | readonly EventRelatedFilter[] | null | undefined
  any_resource?: EventAnyResourceFilter | readonly EventAnyResourceFilter[] | null | undefined
  id?: EventIDFilter | undefined
  text?: EventTextFilter | null | undefined
  order?: EventOrder | undefined
}

export interface EventIDFilter {
  id?: readonly string[] | null | undefined
}

export interface EventNameFilter {
  prefix?: readonly string[] | null | undefined
  exclude_prefix?: readonly string[] | null | undefined
  name?: readonly string[] | null | undefined
  exclude_name?: readonly string[] | null | undefined
}

export interface EventOccurredFilter {
  since?: string | undefined
  until?: string | undefined
}

export type EventOrder = 'ASC' | 'DESC'

export interface EventRelatedFilter {
  id?: readonly string[] | null | undefined
  role?: readonly string[] | null | undefined
  resources_in_roles?: readonly (readonly [string, string])[] | null | undefined
  labels?: ResourceSpecificationInput | null | undefined
}

export interface EventResourceFilter {
  id?: readonly string[] | null | undefined
  id_prefix?: readonly string[] | null | undefined
  labels?: ResourceSpecificationInput | null | undefined
  distinct?: boolean | undefined
}

export interface EventTextFilter {
  query: string
}

export interface EventTriggerInput {
  type?: 'event' | undefined
  id?: string | undefined
  match?: ResourceSpecificationInput | Record<string, string | readonly string[]> | undefined
  match_related?: ResourceSpecificationInput | Record<string, string | readonly string[]> | readonly (ResourceSpecificationInput
    | Record<string, string | readonly string[]>)[] | undefined
  after?: readonly string[] | undefined
  expect?: readonly string[] | undefined
  for_each?: readonly string[] | undefined
  posture: 'Reactive' | 'Proactive'
  threshold?: number | undefined
  within?: number | string | undefined
}

export interface FilterFlowRunInputBody {
  prefix: string
  limit?: number | undefined
  exclude_keys?: readonly string[] | undefined
}

export interface FlowCreate {
  name: string
  tags?: readonly string[] | undefined
  labels?: Record<string, boolean | number | string> | null | undefined
}

export interface FlowFilter {
  operator?: Operator | undefined
  id?: FlowFilterId | null | undefined
  deployment?: FlowFilterDeployment | null | undefined
  name?: FlowFilterName | null | undefined
  tags?: FlowFilterTags | null | undefined
}

export interface FlowFilterDeployment {
  operator?: Operator | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowFilterId {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export interface FlowFilterName {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
}

export interface FlowFilterTags {
  operator?: Operator | undefined
  all_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunCreate {
  state?: StateCreate | null | undefined
  name?: string | null | undefined
  flow_id: string
  flow_version?: string | null | undefined
  parameters?: Record<string, unknown> | undefined
  context?: Record<string, unknown> | undefined
  parent_task_run_id?: string | null | undefined
  infrastructure_document_id?: string | null | undefined
  empirical_policy?: FlowRunPolicyInput | undefined
  tags?: readonly string[] | undefined
  labels?: Record<string, boolean | number | string> | null | undefined
  idempotency_key?: string | null | undefined
  work_pool_name?: string | null | undefined
  work_queue_name?: string | null | undefined
  job_variables?: Record<string, unknown> | null | undefined
  /** @deprecated */
  deployment_id?: string | null | undefined
}

export interface FlowRunFilter {
  operator?: Operator | undefined
  id?: FlowRunFilterId | null | undefined
  name?: FlowRunFilterName | null | undefined
  tags?: FlowRunFilterTags | null | undefined
  deployment_id?: FlowRunFilterDeploymentId | null | undefined
  work_queue_name?: FlowRunFilterWorkQueueName | null | undefined
  state?: FlowRunFilterState | null | undefined
  flow_version?: FlowRunFilterFlowVersion | null | undefined
  start_time?: FlowRunFilterStartTime | null | undefined
  end_time?: FlowRunFilterEndTime | null | undefined
  expected_start_time?: FlowRunFilterExpectedStartTime | null | undefined
  next_scheduled_start_time?: FlowRunFilterNextScheduledStartTime | null | undefined
  parent_flow_run_id?: FlowRunFilterParentFlowRunId | null | undefined
  parent_task_run_id?: FlowRunFilterParentTaskRunId | null | undefined
  idempotency_key?: FlowRunFilterIdempotencyKey | null | undefined
  created_by?: FlowRunFilterCreatedBy | null | undefined
}

export interface FlowRunFilterCreatedBy {
  operator?: Operator | undefined
  id_?: readonly string[] | null | undefined
  type_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunFilterDeploymentId {
  operator?: Operator | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunFilterEndTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunFilterExpectedStartTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
}

export interface FlowRunFilterFlowVersion {
  any_?: readonly string[] | null | undefined
}

export interface FlowRunFilterId {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export interface FlowRunFilterIdempotencyKey {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export interface FlowRunFilterName {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
}

export interface FlowRunFilterNextScheduledStartTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
}

export interface FlowRunFilterParentFlowRunId {
  operator?: Operator | undefined
  any_?: readonly string[] | null | undefined
}

export interface FlowRunFilterParentTaskRunId {
  operator?: Operator | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunFilterStartTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunFilterState {
  operator?: Operator | undefined
  type?: FlowRunFilterStateType | null | undefined
  name?: FlowRunFilterStateName | null | undefined
}

export interface FlowRunFilterStateName {
  any_?: readonly string[] | null | undefined
  not_any_?: readonly string[] | null | undefined
}

export interface FlowRunFilterStateType {
  any_?: readonly answers.StateType[] | null | undefined
  not_any_?: readonly answers.StateType[] | null | undefined
}

export interface FlowRunFilterTags {
  operator?: Operator | undefined
  all_?: readonly string[] | null | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunFilterWorkQueueName {
  operator?: Operator | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface FlowRunHistoryBody {
  history_start: string
  history_end: string
  history_interval_seconds: number
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_queues?: WorkQueueFilter | null | undefined
}

export interface FlowRunPolicyInput {
  /** @deprecated */
  max_retries?: number | undefined
  /** @deprecated */
  retry_delay_seconds?: number | undefined
  retries?: number | null | undefined
  retry_delay?: number | null | undefined
  pause_keys?: readonly string[] | null | undefined
  resuming?: boolean | null | undefined
  retry_type?: 'in_process' | 'reschedule' | null | undefined
}

export interface FlowRunResultInput {
  input_type?: 'flow_run' | undefined
  id: string
}

export type FlowRunSort = 'ID_DESC' | 'START_TIME_ASC' | 'START_TIME_DESC' | 'EXPECTED_START_TIME_ASC' | 'EXPECTED_START_TIME_DESC' | 'NAME_ASC'
  | 'NAME_DESC' | 'NEXT_SCHEDULED_START_TIME_ASC' | 'END_TIME_DESC'

export interface FlowRunUpdate {
  name?: string | null | undefined
  flow_version?: string | null | undefined
  parameters?: Record<string, unknown> | undefined
  empirical_policy?: FlowRunPolicyInput | undefined
  tags?: readonly string[] | undefined
  infrastructure_pid?: string | null | undefined
  job_variables?: Record<string, unknown> | null | undefined
}

export type FlowSort = 'CREATED_DESC' | 'UPDATED_DESC' | 'NAME_ASC' | 'NAME_DESC'

export interface FlowUpdate {
  tags?: readonly string[] | undefined
}

export interface GetScheduledFlowRunsBody {
  limit?: number | undefined
  work_queue_names?: readonly string[] | undefined
  scheduled_before?: string | undefined
  scheduled_after?: string | undefined
}

export interface GetScheduledFlowRunsForDeploymentsBody {
  limit?: number | undefined
  deployment_ids: readonly string[]
  scheduled_before?: string | undefined
}

export interface IncrementConcurrencyLimitsV1Body {
  names: readonly string[]
  task_run_id: string
}

export interface IntervalScheduleInput {
  interval: number | string
  anchor_date?: string | undefined
  timezone?: string | null | undefined
}

export interface LogCreate {
  name: string
  level: number
  message: string
  timestamp: string
  flow_run_id?: string | null | undefined
  task_run_id?: string | null | undefined
}

export interface LogFilter {
  operator?: Operator | undefined
  level?: LogFilterLevel | null | undefined
  timestamp?: LogFilterTimestamp | null | undefined
  flow_run_id?: LogFilterFlowRunId | null | undefined
  task_run_id?: LogFilterTaskRunId | null | undefined
  text?: LogFilterTextSearch | null | undefined
}

export interface LogFilterFlowRunId {
  any_?: readonly string[] | null | undefined
}

export interface LogFilterLevel {
  ge_?: number | null | undefined
  le_?: number | null | undefined
}

export interface LogFilterTaskRunId {
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface LogFilterTextSearch {
  query: string
}

export interface LogFilterTimestamp {
  before_?: string | null | undefined
  after_?: string | null | undefined
}

export type LogSort = 'TIMESTAMP_ASC' | 'TIMESTAMP_DESC'

export interface NextRunsByFlowBody {
  flow_ids: readonly string[]
}

export type Operator = 'and_' | 'or_'

export interface PaginateDeploymentsBody {
  limit?: number | undefined
  page?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
  sort?: DeploymentSort | undefined
}

export interface PaginateFlowRunsBody {
  limit?: number | undefined
  sort?: FlowRunSort | undefined
  page?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
}

export interface PaginateFlowsBody {
  limit?: number | undefined
  page?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  sort?: FlowSort | undefined
}

export interface PaginateTaskRunsBody {
  limit?: number | undefined
  sort?: TaskRunSort | undefined
  page?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
}

export interface ParameterInput {
  input_type?: 'parameter' | undefined
  name: string
}

export interface PauseAutomationInput {
  type?: 'pause-automation' | undefined
  source?: 'selected' | 'inferred' | undefined
  automation_id?: string | null | undefined
}

export interface PauseDeploymentInput {
  type?: 'pause-deployment' | undefined
  source?: 'selected' | 'inferred' | undefined
  deployment_id?: string | null | undefined
}

export interface PauseWorkPoolInput {
  type?: 'pause-work-pool' | undefined
  source?: 'selected' | 'inferred' | undefined
  work_pool_id?: string | null | undefined
}

export interface PauseWorkQueueInput {
  type?: 'pause-work-queue' | undefined
  source?: 'selected' | 'inferred' | undefined
  work_queue_id?: string | null | undefined
}

export interface QueueFilterInput {
  tags?: readonly string[] | null | undefined
  deployment_ids?: readonly string[] | null | undefined
}

export interface RRuleScheduleInput {
  rrule: string
  timezone?: string | null | undefined
}

export interface ReadAllConcurrencyLimitsV2Body {
  limit?: number | undefined
  offset?: number | undefined
}

export interface ReadArtifactsBody {
  limit?: number | undefined
  sort?: ArtifactSort | undefined
  offset?: number | undefined
  artifacts?: ArtifactFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  flows?: FlowFilter | undefined
  deployments?: DeploymentFilter | undefined
}

export interface ReadAutomationsBody {
  limit?: number | undefined
  sort?: AutomationSort | undefined
  offset?: number | undefined
  automations?: AutomationFilter | null | undefined
}

export interface ReadBlockDocumentsBody {
  limit?: number | undefined
  block_documents?: BlockDocumentFilter | null | undefined
  block_types?: BlockTypeFilter | null | undefined
  block_schemas?: BlockSchemaFilter | null | undefined
  include_secrets?: boolean | undefined
  sort?: BlockDocumentSort | null | undefined
  offset?: number | undefined
}

export interface ReadBlockSchemasBody {
  limit?: number | undefined
  block_schemas?: BlockSchemaFilter | null | undefined
  offset?: number | undefined
}

export interface ReadBlockTypesBody {
  limit?: number | undefined
  block_types?: BlockTypeFilter | null | undefined
  block_schemas?: BlockSchemaFilter | null | undefined
  offset?: number | undefined
}

export interface ReadConcurrencyLimitsBody {
  limit?: number | undefined
  offset?: number | undefined
}

export interface ReadDashboardTaskRunCountsBody {
  task_runs: TaskRunFilter
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_queues?: WorkQueueFilter | null | undefined
}

export interface ReadDeploymentsBody {
  limit?: number | undefined
  offset?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
  sort?: DeploymentSort | undefined
}

export interface ReadEventsBody {
  filter?: EventFilter | null | undefined
  limit?: number | undefined
}

export interface ReadFlowRunHistoryBody {
  sort?: FlowRunSort | undefined
  limit?: number | undefined
  offset?: number | undefined
  flows?: FlowFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  deployments?: DeploymentFilter | undefined
  work_pools?: WorkPoolFilter | undefined
}

export interface ReadFlowRunsBody {
  limit?: number | undefined
  sort?: FlowRunSort | undefined
  offset?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
  work_pools?: WorkPoolFilter | null | undefined
  work_pool_queues?: WorkQueueFilter | null | undefined
}

export interface ReadFlowsBody {
  limit?: number | undefined
  offset?: number | undefined
  flows?: FlowFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  deployments?: DeploymentFilter | undefined
  work_pools?: WorkPoolFilter | undefined
  sort?: FlowSort | undefined
}

export interface ReadLatestArtifactsBody {
  limit?: number | undefined
  sort?: ArtifactCollectionSort | undefined
  offset?: number | undefined
  artifacts?: ArtifactCollectionFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  flows?: FlowFilter | undefined
  deployments?: DeploymentFilter | undefined
}

export interface ReadLogsBody {
  limit?: number | undefined
  offset?: number | undefined
  logs?: LogFilter | null | undefined
  sort?: LogSort | undefined
}

export interface ReadSavedSearchesBody {
  limit?: number | undefined
  offset?: number | undefined
}

export interface ReadTaskRunCountsByStateBody {
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
}

export interface ReadTaskRunsBody {
  limit?: number | undefined
  sort?: TaskRunSort | undefined
  offset?: number | undefined
  flows?: FlowFilter | null | undefined
  flow_runs?: FlowRunFilter | null | undefined
  task_runs?: TaskRunFilter | null | undefined
  deployments?: DeploymentFilter | null | undefined
}

export interface ReadTaskWorkersBody {
  task_worker_filter?: TaskWorkerFilter | null | undefined
}

export interface ReadVariablesBody {
  limit?: number | undefined
  offset?: number | undefined
  variables?: VariableFilter | null | undefined
  sort?: VariableSort | undefined
}

export interface ReadWorkPoolConcurrencyStatusBody {
  limit?: number | undefined
  page?: number | undefined
  flow_run_limit?: number | undefined
}

export interface ReadWorkPoolsBody {
  limit?: number | undefined
  work_pools?: WorkPoolFilter | null | undefined
  offset?: number | undefined
}

export interface ReadWorkQueueConcurrencyStatusBody {
  limit?: number | undefined
  page?: number | undefined
}

export interface ReadWorkQueueRunsBody {
  limit?: number | undefined
  scheduled_before?: string | undefined
}

export interface ReadWorkersBody {
  limit?: number | undefined
  workers?: WorkerFilter | null | undefined
  offset?: number | undefined
}

export interface RenewConcurrencyLeaseBody {
  lease_duration?: number | undefined
}

export interface ResetConcurrencyLimitByTagBody {
  slot_override?: readonly string[] | null | undefined
}

export type ResourceSpecificationInput = Record<string, string | readonly string[]>

export interface ResumeAutomationInput {
  type?: 'resume-automation' | undefined
  source?: 'selected' | 'inferred' | undefined
  automation_id?: string | null | undefined
}

export interface ResumeDeploymentInput {
  type?: 'resume-deployment' | undefined
  source?: 'selected' | 'inferred' | undefined
  deployment_id?: string | null | undefined
}

export interface ResumeFlowRunBody {
  run_input?: Record<string, unknown> | null | undefined
}

export interface ResumeFlowRunInput {
  type?: 'resume-flow-run' | undefined
}

export interface ResumeWorkPoolInput {
  type?: 'resume-work-pool' | undefined
  source?: 'selected' | 'inferred' | undefined
  work_pool_id?: string | null | undefined
}

export interface ResumeWorkQueueInput {
  type?: 'resume-work-queue' | undefined
  source?: 'selected' | 'inferred' | undefined
  work_queue_id?: string | null | undefined
}

export interface RunDeploymentInput {
  type?: 'run-deployment' | undefined
  source?: 'selected' | 'inferred' | undefined
  deployment_id?: string | null | undefined
  parameters?: Record<string, unknown> | null | undefined
  job_variables?: Record<string, unknown> | null | undefined
  schedule_after?: number | string | undefined
}

export interface SavedSearchCreate {
  name: string
  filters?: readonly answers.SavedSearchFilter[] | undefined
}

export interface ScheduleDeploymentBody {
  start_time?: string | undefined
  end_time?: string | undefined
  min_time?: number | undefined
  min_runs?: number | undefined
  max_runs?: number | undefined
}

export interface SendNotificationInput {
  type?: 'send-notification' | undefined
  block_document_id: string
  subject?: string | undefined
  body: string
}

export interface SequenceTriggerInput {
  type?: 'sequence' | undefined
  id?: string | undefined
  triggers: readonly (EventTriggerInput | CompoundTriggerInput | SequenceTriggerInput)[]
  within: number | string | null
}

export interface ServerDefaultResultStorageUpdate {
  default_result_storage_block_id: string
}

export interface SetFlowRunStateBody {
  state: StateCreate
  force?: boolean | undefined
}

export interface SetTaskRunStateBody {
  state: StateCreate
  force?: boolean | undefined
}

export interface StateCreate {
  type: answers.StateType
  name?: string | null | undefined
  message?: string | null | undefined
  data?: unknown
  state_details?: StateDetailsInput | undefined
}

export interface StateDetailsInput {
  flow_run_id?: string | null | undefined
  task_run_id?: string | null | undefined
  child_flow_run_id?: string | null | undefined
  scheduled_time?: string | null | undefined
  cache_key?: string | null | undefined
  cache_expiration?: string | null | undefined
  deferred?: boolean | null | undefined
  untrackable_result?: boolean | undefined
  pause_timeout?: string | null | undefined
  pause_reschedule?: boolean | undefined
  pause_key?: string | null | undefined
  run_input_keyset?: Record<string, string> | null | undefined
  refresh_cache?: boolean | null | undefined
  retriable?: boolean | null | undefined
  transition_id?: string | null | undefined
  task_parameters_id?: string | null | undefined
  traceparent?: string | null | undefined
  deployment_concurrency_lease_id?: string | null | undefined
}

export interface SuspendFlowRunInput {
  type?: 'suspend-flow-run' | undefined
}

export interface TaskRunCreate {
  id?: string | null | undefined
  state?: StateCreate | null | undefined
  name?: string | null | undefined
  flow_run_id?: string | null | undefined
  task_key: string
  dynamic_key: string
  cache_key?: string | null | undefined
  cache_expiration?: string | null | undefined
  task_version?: string | null | undefined
  empirical_policy?: TaskRunPolicyInput | undefined
  tags?: readonly string[] | undefined
  labels?: Record<string, boolean | number | string> | null | undefined
  task_inputs?: Record<string, readonly (TaskRunResultInput | FlowRunResultInput | ParameterInput | ConstantInput)[]> | undefined
}

export interface TaskRunFilter {
  operator?: Operator | undefined
  id?: TaskRunFilterId | null | undefined
  name?: TaskRunFilterName | null | undefined
  tags?: TaskRunFilterTags | null | undefined
  state?: TaskRunFilterState | null | undefined
  start_time?: TaskRunFilterStartTime | null | undefined
  end_time?: TaskRunFilterEndTime | null | undefined
  expected_start_time?: TaskRunFilterExpectedStartTime | null | undefined
  subflow_runs?: TaskRunFilterSubFlowRuns | null | undefined
  flow_run_id?: TaskRunFilterFlowRunId | null | undefined
}

export interface TaskRunFilterEndTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
  is_null_?: boolean | null | undefined
}

export interface TaskRunFilterExpectedStartTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
}

export interface TaskRunFilterFlowRunId {
  operator?: Operator | undefined
  any_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface TaskRunFilterId {
  any_?: readonly string[] | null | undefined
}

export interface TaskRunFilterName {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
}

export interface TaskRunFilterStartTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
  is_null_?: boolean | null | undefined
}

export interface TaskRunFilterState {
  operator?: Operator | undefined
  type?: TaskRunFilterStateType | null | undefined
  name?: TaskRunFilterStateName | null | undefined
}

export interface TaskRunFilterStateName {
  any_?: readonly string[] | null | undefined
}

export interface TaskRunFilterStateType {
  any_?: readonly answers.StateType[] | null | undefined
}

export interface TaskRunFilterSubFlowRuns {
  exists_?: boolean | null | undefined
}

export interface TaskRunFilterTags {
  operator?: Operator | undefined
  all_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export interface TaskRunHistoryBody {
  history_start: string
  history_end: string
  history_interval_seconds: number
  flows?: FlowFilter | undefined
  flow_runs?: FlowRunFilter | undefined
  task_runs?: TaskRunFilter | undefined
  deployments?: DeploymentFilter | undefined
}

export interface TaskRunPolicyInput {
  /** @deprecated */
  max_retries?: number | undefined
  /** @deprecated */
  retry_delay_seconds?: number | undefined
  retries?: number | null | undefined
  retry_delay?: number | readonly number[] | null | undefined
  retry_jitter_factor?: number | null | undefined
}

export interface TaskRunResultInput {
  input_type?: 'task_run' | undefined
  id: string
}

export type TaskRunSort = 'ID_DESC' | 'EXPECTED_START_TIME_ASC' | 'EXPECTED_START_TIME_DESC' | 'NAME_ASC' | 'NAME_DESC'
  | 'NEXT_SCHEDULED_START_TIME_ASC' | 'END_TIME_DESC'

export interface TaskRunUpdate {
  name?: string | null | undefined
}

export interface TaskWorkerFilter {
  task_keys: readonly string[]
}

export type TimeUnit = 'week' | 'day' | 'hour' | 'minute' | 'second'

export interface ValidateObjBody {
  schema: Record<string, unknown>
  values: Record<string, unknown>
}

export interface VariableCreate {
  name: string
  value: string | number | boolean | Record<string, unknown> | readonly unknown[] | null
  tags?: readonly string[] | undefined
}

export interface VariableFilter {
  operator?: Operator | undefined
  id?: VariableFilterId | null | undefined
  name?: VariableFilterName | null | undefined
  tags?: VariableFilterTags | null | undefined
}

export interface VariableFilterId {
  any_?: readonly string[] | null | undefined
}

export interface VariableFilterName {
  any_?: readonly string[] | null | undefined
  like_?: string | null | undefined
}

export interface VariableFilterTags {
  operator?: Operator | undefined
  all_?: readonly string[] | null | undefined
  is_null_?: boolean | null | undefined
}

export type VariableSort = 'CREATED_DESC' | 'UPDATED_DESC' | 'NAME_DESC' | 'NAME_ASC'

export interface VariableUpdate {
  name?: string | null | undefined
  value?: string | number | boolean | Record<string, unknown> | readonly unknown[] | null | undefined
  tags?: readonly string[] | null | undefined
}

export interface VersionInfo {
  type: string
  version: string
  [key: string]: unknown
}

export interface WorkPoolCreate {
  name: string
  description?: string | null | undefined
  type?: string | undefined
  base_job_template?: Record<string, unknown> | undefined
  is_paused?: boolean | undefined
  concurrency_limit?: number | null | undefined
  storage_configuration?: WorkPoolStorageConfigurationInput | undefined
}

export interface WorkPoolFilter {
  operator?: Operator | undefined
  id?: WorkPoolFilterId | null | undefined
  name?: WorkPoolFilterName | null | undefined
  type?: WorkPoolFilterType | null | undefined
}

export interface WorkPoolFilterId {
  any_?: readonly string[] | null | undefined
}

export interface WorkPoolFilterName {
  any_?: readonly string[] | null | undefined
}

export interface WorkPoolFilterType {
  any_?: readonly string[] | null | undefined
}

export interface WorkPoolStorageConfigurationInput {
  bundle_upload_step?: Record<string, unknown> | null | undefined
  bundle_execution_step?: Record<string, unknown> | null | undefined
  default_result_storage_block_id?: string | null | undefined
}

export interface WorkPoolUpdate {
  description?: string | null | undefined
  is_paused?: boolean | null | undefined
  base_job_template?: Record<string, unknown> | null | undefined
  concurrency_limit?: number | null | undefined
  storage_configuration?: WorkPoolStorageConfigurationInput | null | undefined
}

export interface WorkPoolsReadWorkQueuesBody {
  limit?: number | undefined
  work_queues?: WorkQueueFilter | undefined
  offset?: number | undefined
}

export interface WorkQueueCreate {
  name: string
  description?: string | null | undefined
  is_paused?: boolean | undefined
  concurrency_limit?: number | null | undefined
  priority?: number | null | undefined
  /** @deprecated */
  filter?: QueueFilterInput | null | undefined
}

export interface WorkQueueFilter {
  operator?: Operator | undefined
  id?: WorkQueueFilterId | null | undefined
  name?: WorkQueueFilterName | null | undefined
}

export interface WorkQueueFilterId {
  any_?: readonly string[] | null | undefined
}

export interface WorkQueueFilterName {
  any_?: readonly string[] | null | undefined
  startswith_?: readonly string[] | null | undefined
}

export interface WorkQueueUpdate {
  name?: string | null | undefined
  description?: string | null | undefined
  is_paused?: boolean | undefined
  concurrency_limit?: number | null | undefined
  priority?: number | null | undefined
  last_polled?: string | null | undefined
  /** @deprecated */
  filter?: QueueFilterInput | null | undefined
}

export interface WorkQueuesReadWorkQueuesBody {
  limit?: number | undefined
  offset?: number | undefined
  work_queues?: WorkQueueFilter | null | undefined
}

export interface WorkerFilter {
  operator?: Operator | undefined
  last_heartbeat_time?: WorkerFilterLastHeartbeatTime | null | undefined
  status?: WorkerFilterStatus | null | undefined
}

export interface WorkerFilterLastHeartbeatTime {
  before_?: string | null | undefined
  after_?: string | null | undefined
}

export interface WorkerFilterStatus {
  any_?: readonly answers.WorkerStatus[] | null | undefined
  not_any_?: readonly answers.WorkerStatus[] | null | undefined
}

export interface WorkerHeartbeatBody {
  name: string
  heartbeat_interval_seconds?: number | null | undefined
}
