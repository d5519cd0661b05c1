import type { Artifact, ArtifactCreate } from '@spillway/core/wire/artifacts'
import type { Automation } from '@spillway/core/wire/automations'
import type { BlockDocument } from '@spillway/core/wire/block-documents'
import type { BlockSchema } from '@spillway/core/wire/block-schemas'
import type { BlockType } from '@spillway/core/wire/block-types'
import type { ConcurrencyLimitWithLeaseResponse, MinimalConcurrencyLimitResponse } from '@spillway/core/wire/concurrency-limits'
import type { DeploymentCreate, DeploymentFlowRunCreate, DeploymentResponse, DeploymentUpdate } from '@spillway/core/wire/deployments'
import type { Event, EventPage } from '@spillway/core/wire/events'
import type { FlowRunCreate, FlowRunResponse, FlowRunUpdate } from '@spillway/core/wire/flow-runs'
import type { Flow } from '@spillway/core/wire/flows'
import type { Log, LogCreate } from '@spillway/core/wire/logs'
import type { OrchestrationResult, State, StateCreate } from '@spillway/core/wire/states'
import type { TaskRun, TaskRunCreate } from '@spillway/core/wire/task-runs'
import type { Variable } from '@spillway/core/wire/variables'
import type { WorkPoolResponse, WorkerFlowRunResponse } from '@spillway/core/wire/work-pools'
import type { WorkQueueResponse } from '@spillway/core/wire/work-queues'
import { ApiError } from '../errors.ts'
import { RestClient, type CallOptions } from './rest.ts'

/** A state as it is proposed; the server adds what is missing. */
export type StateProposal = Pick<StateCreate, 'type'> & {
  name?: string | null
  message?: string | null
  data?: unknown
  state_details?: Partial<StateCreate['state_details']>
}

type NewFlowRun = Pick<FlowRunCreate, 'flow_id'> & Partial<Omit<FlowRunCreate, 'state' | 'empirical_policy'>> & { state?: StateProposal; empirical_policy?: object }
type NewDeployment = Pick<DeploymentCreate, 'name' | 'flow_id'> & Partial<Omit<DeploymentCreate, 'schedules' | 'concurrency_options'>> & { schedules?: object[]; concurrency_options?: object }
type NewDeploymentRun = Partial<Omit<DeploymentFlowRunCreate, 'state' | 'empirical_policy'>> & { state?: StateProposal; empirical_policy?: object }
type NewTaskRun = Pick<TaskRunCreate, 'task_key' | 'dynamic_key'> & Partial<Omit<TaskRunCreate, 'state' | 'empirical_policy' | 'task_inputs'>> & { state?: StateProposal; task_inputs?: object; empirical_policy?: object }
type SlotRequest = { names: string[]; slots: number; mode?: 'concurrency' | 'rate_limit' }

const read: CallOptions = { repeatable: true }

/** The routes of Prefect's API that the SDK needs, with the types of the wire. */
export class ApiClient extends RestClient {
  /** The flow of that name, made when there is none. */
  readonly createFlow = (name: string, options?: CallOptions): Promise<Flow> =>
    this.call('POST', '/flows/', { name, tags: [], labels: {} }, { repeatable: true, ...options })
  readonly readFlow = (id: string, options?: CallOptions): Promise<Flow> => this.call('GET', `/flows/${id}`, undefined, options)
  readonly filterFlows = (body: object): Promise<Flow[]> => this.call('POST', '/flows/filter', body, read)
  readonly findFlow = (name: string): Promise<Flow | undefined> => absentWhen404(this.call('GET', `/flows/name/${encodeURIComponent(name)}`))

  /** Safe to repeat when it carries an `idempotency_key`. */
  readonly createFlowRun = (run: NewFlowRun, options?: CallOptions): Promise<FlowRunResponse> =>
    this.call('POST', '/flow_runs/', run, { repeatable: run.idempotency_key != null, ...options })
  readonly readFlowRun = (id: string, options?: CallOptions): Promise<FlowRunResponse> => this.call('GET', `/flow_runs/${id}`, undefined, options)
  readonly updateFlowRun = (id: string, changes: Partial<Omit<FlowRunUpdate, 'empirical_policy'>> & { empirical_policy?: object }, options?: CallOptions): Promise<void> =>
    this.call('PATCH', `/flow_runs/${id}`, changes, options)
  readonly deleteFlowRun = (id: string): Promise<void> => this.call('DELETE', `/flow_runs/${id}`)
  readonly filterFlowRuns = (body: object, options?: CallOptions): Promise<FlowRunResponse[]> => this.call('POST', '/flow_runs/filter', body, { ...read, ...options })
  /** The same `transition_id` twice is one transition, so this may be repeated when it carries one. */
  readonly setFlowRunState = (id: string, state: StateProposal, force = false, options?: CallOptions): Promise<OrchestrationResult> =>
    this.call('POST', `/flow_runs/${id}/set_state`, { state, force }, { repeatable: state.state_details?.transition_id != null, ...options })
  /** All states that the run has had, oldest first. */
  readonly flowRunStates = (id: string): Promise<State[]> => this.call('GET', `/flow_run_states/?flow_run_id=${id}`)
  readonly addFlowRunLabels = (id: string, labels: Record<string, string>): Promise<void> => this.call('PATCH', `/flow_runs/${id}/labels`, labels)
  readonly resumeFlowRun = (id: string, runInput?: Record<string, unknown>): Promise<OrchestrationResult> =>
    this.call('POST', `/flow_runs/${id}/resume`, { run_input: runInput ?? null })
  readonly createFlowRunInput = (id: string, key: string, value: string): Promise<void> => this.call('POST', `/flow_runs/${id}/input`, { key, value })
  readonly readFlowRunInput = (id: string, key: string): Promise<unknown> => absentWhen404(this.call('GET', `/flow_runs/${id}/input/${encodeURIComponent(key)}`, undefined, { isText: true }))

  /** Safe to repeat: task, dynamic key and flow run say which task run it is. */
  readonly createTaskRun = (run: NewTaskRun, options?: CallOptions): Promise<TaskRun> =>
    this.call('POST', '/task_runs/', run, { repeatable: run.flow_run_id != null, ...options })
  readonly readTaskRun = (id: string, options?: CallOptions): Promise<TaskRun> => this.call('GET', `/task_runs/${id}`, undefined, options)
  readonly filterTaskRuns = (body: object): Promise<TaskRun[]> => this.call('POST', '/task_runs/filter', body, read)
  readonly setTaskRunState = (id: string, state: StateProposal, force = false, options?: CallOptions): Promise<OrchestrationResult> =>
    this.call('POST', `/task_runs/${id}/set_state`, { state, force }, options)

  readonly createLogs = (logs: readonly LogCreate[], options?: CallOptions): Promise<void> => this.call('POST', '/logs/', logs, { repeatable: true, ...options })
  readonly filterLogs = (body: object): Promise<Log[]> => this.call('POST', '/logs/filter', body, read)
  /** An event twice is one event: it is known by its id. */
  readonly createEvents = (events: string, options?: CallOptions): Promise<void> => this.call('POST', '/events', JSON.parse(events), { repeatable: true, ...options })
  readonly filterEvents = (body: object, options?: CallOptions): Promise<EventPage> => this.call('POST', '/events/filter', body, { ...read, ...options })

  readonly createDeployment = (deployment: NewDeployment): Promise<DeploymentResponse> => this.call('POST', '/deployments/', deployment, { repeatable: true })
  readonly updateDeployment = (id: string, changes: Partial<DeploymentUpdate>, options?: CallOptions): Promise<void> => this.call('PATCH', `/deployments/${id}`, changes, options)
  readonly readDeployment = (id: string, options?: CallOptions): Promise<DeploymentResponse> => this.call('GET', `/deployments/${id}`, undefined, options)
  readonly findDeployment = (flow: string, name: string, options?: CallOptions): Promise<DeploymentResponse | undefined> =>
    absentWhen404(this.call('GET', `/deployments/name/${encodeURIComponent(flow)}/${encodeURIComponent(name)}`, undefined, options))
  readonly createFlowRunFromDeployment = (id: string, run: NewDeploymentRun, options?: CallOptions): Promise<FlowRunResponse> =>
    this.call('POST', `/deployments/${id}/create_flow_run`, run, { repeatable: run.idempotency_key != null, ...options })
  readonly scheduledRunsOfDeployments = (body: { deployment_ids: string[]; scheduled_before: string; limit: number }): Promise<FlowRunResponse[]> =>
    this.call('POST', '/deployments/get_scheduled_flow_runs', body, read)

  readonly findWorkPool = (name: string): Promise<WorkPoolResponse | undefined> => absentWhen404(this.call('GET', `/work_pools/${encodeURIComponent(name)}`))
  readonly readWorkPool = (name: string, options?: CallOptions): Promise<WorkPoolResponse> => this.call('GET', `/work_pools/${encodeURIComponent(name)}`, undefined, options)
  readonly findWorkQueue = (pool: string, name: string): Promise<WorkQueueResponse | undefined> =>
    absentWhen404(this.call('GET', `/work_pools/${encodeURIComponent(pool)}/queues/${encodeURIComponent(name)}`))
  readonly createWorkPool = (pool: { name: string; type: string; base_job_template?: object }): Promise<WorkPoolResponse> => this.call('POST', '/work_pools/', pool)
  readonly scheduledRunsOfPool = (pool: string, body: { scheduled_before: string; limit?: number; work_queue_names?: string[] }): Promise<WorkerFlowRunResponse[]> =>
    this.call('POST', `/work_pools/${encodeURIComponent(pool)}/get_scheduled_flow_runs`, body, read)
  readonly workerHeartbeat = (pool: string, name: string, intervalSeconds: number): Promise<void> =>
    this.call('POST', `/work_pools/${encodeURIComponent(pool)}/workers/heartbeat`, { name, heartbeat_interval_seconds: intervalSeconds }, read)

  readonly acquireSlots = (body: SlotRequest & { lease_duration: number; holder?: { type: 'flow_run' | 'task_run' | 'deployment'; id: string } }, options?: CallOptions): Promise<ConcurrencyLimitWithLeaseResponse> =>
    this.call('POST', '/v2/concurrency_limits/increment-with-lease', body, options)
  readonly takeRate = (body: SlotRequest, options?: CallOptions): Promise<MinimalConcurrencyLimitResponse[]> => this.call('POST', '/v2/concurrency_limits/increment', body, options)
  readonly renewLease = (leaseId: string, leaseSeconds: number): Promise<void> =>
    this.call('POST', `/v2/concurrency_limits/leases/${leaseId}/renew`, { lease_duration: leaseSeconds }, read)
  readonly releaseLease = (leaseId: string, options?: CallOptions): Promise<void> =>
    this.call('POST', '/v2/concurrency_limits/decrement-with-lease', { lease_id: leaseId }, { repeatable: true, ...options })

  /** Automations of that name, which need not be one. */
  readonly findAutomations = (name: string): Promise<Automation[]> => this.call('POST', '/automations/filter', { automations: { name: { any_: [name] } } }, read)
  readonly createAutomation = (automation: object): Promise<Automation> => this.call('POST', '/automations/', automation)
  readonly updateAutomation = (id: string, automation: object): Promise<void> => this.call('PUT', `/automations/${id}`, automation)

  readonly createArtifact = (artifact: Partial<ArtifactCreate>): Promise<Artifact> => this.call('POST', '/artifacts/', artifact)
  readonly updateArtifact = (id: string, changes: object): Promise<void> => this.call('PATCH', `/artifacts/${id}`, changes)
  readonly latestArtifact = (key: string): Promise<Artifact | undefined> => absentWhen404(this.call('GET', `/artifacts/${encodeURIComponent(key)}/latest`))

  readonly findVariable = (name: string): Promise<Variable | undefined> => absentWhen404(this.call('GET', `/variables/name/${encodeURIComponent(name)}`))
  readonly createVariable = (variable: { name: string; value: unknown; tags?: string[] }): Promise<Variable> => this.call('POST', '/variables/', variable)
  readonly updateVariable = (name: string, changes: { value?: unknown; tags?: string[] }): Promise<void> =>
    this.call('PATCH', `/variables/name/${encodeURIComponent(name)}`, changes)
  readonly deleteVariable = (name: string): Promise<void> => this.call('DELETE', `/variables/name/${encodeURIComponent(name)}`)

  readonly findBlockType = (slug: string): Promise<BlockType | undefined> => absentWhen404(this.call('GET', `/block_types/slug/${encodeURIComponent(slug)}`))
  readonly createBlockType = (type: { name: string; slug: string; description?: string }): Promise<BlockType> => this.call('POST', '/block_types/', type)
  readonly createBlockSchema = (schema: { fields: object; block_type_id: string; capabilities?: string[]; version?: string }): Promise<BlockSchema> =>
    this.call('POST', '/block_schemas/', schema, { repeatable: true })
  readonly filterBlockSchemas = (body: object): Promise<BlockSchema[]> => this.call('POST', '/block_schemas/filter', body, read)
  readonly findBlock = (slug: string, name: string, options?: CallOptions): Promise<BlockDocument | undefined> =>
    absentWhen404(this.call('GET', `/block_types/slug/${encodeURIComponent(slug)}/block_documents/name/${encodeURIComponent(name)}?include_secrets=true`, undefined, options))
  readonly readBlock = (id: string, options?: CallOptions): Promise<BlockDocument | undefined> => absentWhen404(this.call('GET', `/block_documents/${id}?include_secrets=true`, undefined, options))
  readonly createBlock = (block: { name: string; data: object; block_schema_id: string; block_type_id: string }): Promise<BlockDocument> => this.call('POST', '/block_documents/', block)
  readonly updateBlock = (id: string, changes: { data: object; block_schema_id?: string; merge_existing_data?: boolean }): Promise<void> =>
    this.call('PATCH', `/block_documents/${id}`, changes)

  readonly version = (): Promise<string> => this.call('GET', '/admin/version')
}

export type { Event }

async function absentWhen404<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}
