import { ApiError } from '../errors.ts'
import { RestClient, type CallOptions } from './rest.ts'
import type { AnswerOf, BodyOf } from './typed-call.ts'
import type { Artifact, Automation, BlockDocument, BlockSchema, BlockType, Deployment, EventPage, Flow, FlowRun, Log, OrchestrationResult, State, StateProposal, TaskRun, Variable, WorkPool, WorkQueue } from './types.ts'

const safe: CallOptions = { repeatable: true }

/** What the SDK asks of the API, by names of its own. All other routes, and these, are reached by `request()`. */
export class ApiClient extends RestClient {
  /** The flow of that name, made when there is none. */
  readonly createFlow = (name: string, options?: CallOptions): Promise<Flow> =>
    this.request('POST /flows/', { body: { name, tags: [], labels: {} } }, { ...safe, ...options })
  readonly readFlow = (id: string, options?: CallOptions): Promise<Flow> => this.request('GET /flows/{id}', { path: { id } }, options)
  readonly filterFlows = (body: BodyOf<'POST /flows/filter'>): Promise<Flow[]> => this.request('POST /flows/filter', { body })
  readonly findFlow = (name: string): Promise<Flow | undefined> => absentWhen404(this.request('GET /flows/name/{name}', { path: { name } }))

  /** Safe to repeat when it carries an `idempotency_key`. */
  readonly createFlowRun = (body: BodyOf<'POST /flow_runs/'>, options?: CallOptions): Promise<FlowRun> =>
    this.request('POST /flow_runs/', { body }, { repeatable: body.idempotency_key != null, ...options })
  readonly readFlowRun = (id: string, options?: CallOptions): Promise<FlowRun> => this.request('GET /flow_runs/{id}', { path: { id } }, options)
  readonly updateFlowRun = (id: string, body: BodyOf<'PATCH /flow_runs/{id}'>, options?: CallOptions): Promise<void> =>
    this.request('PATCH /flow_runs/{id}', { path: { id }, body }, options)
  readonly deleteFlowRun = (id: string): Promise<void> => this.request('DELETE /flow_runs/{id}', { path: { id } })
  readonly filterFlowRuns = (body: BodyOf<'POST /flow_runs/filter'>, options?: CallOptions): Promise<FlowRun[]> => this.request('POST /flow_runs/filter', { body }, options)
  /** The same `transition_id` twice is one transition, so this may be repeated when it carries one. */
  readonly setFlowRunState = (id: string, state: StateProposal, force = false, options?: CallOptions): Promise<OrchestrationResult> =>
    this.request('POST /flow_runs/{id}/set_state', { path: { id }, body: { state, force } }, { repeatable: state.state_details?.transition_id != null, ...options })
  /** All states that the run has had, oldest first. */
  readonly flowRunStates = (id: string): Promise<State[]> => this.request('GET /flow_run_states/', { query: { flow_run_id: id } })
  readonly addFlowRunLabels = (id: string, labels: Record<string, string>): Promise<void> => this.request('PATCH /flow_runs/{id}/labels', { path: { id }, body: labels })
  readonly resumeFlowRun = (id: string, runInput?: Record<string, unknown>): Promise<OrchestrationResult> =>
    this.request('POST /flow_runs/{id}/resume', { path: { id }, body: { run_input: runInput ?? null } })
  readonly createFlowRunInput = async (id: string, key: string, value: string): Promise<void> =>
    void (await this.request('POST /flow_runs/{id}/input', { path: { id }, body: { key, value } }))
  readonly readFlowRunInput = (id: string, key: string): Promise<unknown> => absentWhen404(this.request('GET /flow_runs/{id}/input/{key}', { path: { id, key } }))

  /** Safe to repeat: task, dynamic key and flow run say which task run it is. */
  readonly createTaskRun = (body: BodyOf<'POST /task_runs/'>, options?: CallOptions): Promise<TaskRun> =>
    this.request('POST /task_runs/', { body }, { repeatable: body.flow_run_id != null, ...options })
  readonly readTaskRun = (id: string, options?: CallOptions): Promise<TaskRun> => this.request('GET /task_runs/{id}', { path: { id } }, options)
  readonly filterTaskRuns = (body: BodyOf<'POST /task_runs/filter'>): Promise<TaskRun[]> => this.request('POST /task_runs/filter', { body })
  readonly setTaskRunState = (id: string, state: StateProposal, force = false, options?: CallOptions): Promise<OrchestrationResult> =>
    this.request('POST /task_runs/{id}/set_state', { path: { id }, body: { state, force } }, options)

  readonly createLogs = async (body: BodyOf<'POST /logs/'>, options?: CallOptions): Promise<void> => void (await this.request('POST /logs/', { body }, { ...safe, ...options }))
  readonly filterLogs = (body: BodyOf<'POST /logs/filter'>): Promise<Log[]> => this.request('POST /logs/filter', { body })
  /** An event twice is one event: it is known by its id. */
  readonly createEvents = (events: string, options?: CallOptions): Promise<void> =>
    this.request('POST /events', { body: JSON.parse(events) as BodyOf<'POST /events'> }, { ...safe, ...options })
  readonly filterEvents = (body: BodyOf<'POST /events/filter'>, options?: CallOptions): Promise<EventPage> => this.request('POST /events/filter', { body }, options)

  readonly createDeployment = (body: BodyOf<'POST /deployments/'>): Promise<Deployment> => this.request('POST /deployments/', { body }, safe)
  readonly updateDeployment = (id: string, body: BodyOf<'PATCH /deployments/{id}'>, options?: CallOptions): Promise<void> =>
    this.request('PATCH /deployments/{id}', { path: { id }, body }, options)
  readonly readDeployment = (id: string, options?: CallOptions): Promise<Deployment> => this.request('GET /deployments/{id}', { path: { id } }, options)
  readonly findDeployment = (flow: string, name: string, options?: CallOptions): Promise<Deployment | undefined> =>
    absentWhen404(this.request('GET /deployments/name/{flow_name}/{deployment_name}', { path: { flow_name: flow, deployment_name: name } }, options))
  readonly createFlowRunFromDeployment = (id: string, body: BodyOf<'POST /deployments/{id}/create_flow_run'>, options?: CallOptions): Promise<FlowRun> =>
    this.request('POST /deployments/{id}/create_flow_run', { path: { id }, body }, { repeatable: body.idempotency_key != null, ...options })
  readonly scheduledRunsOfDeployments = (body: BodyOf<'POST /deployments/get_scheduled_flow_runs'>): Promise<FlowRun[]> =>
    this.request('POST /deployments/get_scheduled_flow_runs', { body })

  readonly findWorkPool = (name: string): Promise<WorkPool | undefined> => absentWhen404(this.readWorkPool(name))
  readonly readWorkPool = (name: string, options?: CallOptions): Promise<WorkPool> => this.request('GET /work_pools/{name}', { path: { name } }, options)
  readonly findWorkQueue = (pool: string, name: string): Promise<WorkQueue | undefined> =>
    absentWhen404(this.request('GET /work_pools/{work_pool_name}/queues/{name}', { path: { work_pool_name: pool, name } }))
  readonly createWorkPool = (body: BodyOf<'POST /work_pools/'>): Promise<WorkPool> => this.request('POST /work_pools/', { body })
  readonly scheduledRunsOfPool = (name: string, body: BodyOf<'POST /work_pools/{name}/get_scheduled_flow_runs'>): Promise<AnswerOf<'POST /work_pools/{name}/get_scheduled_flow_runs'>> =>
    this.request('POST /work_pools/{name}/get_scheduled_flow_runs', { path: { name }, body })
  readonly workerHeartbeat = (pool: string, name: string, intervalSeconds: number): Promise<void> =>
    this.request('POST /work_pools/{work_pool_name}/workers/heartbeat', { path: { work_pool_name: pool }, body: { name, heartbeat_interval_seconds: intervalSeconds } }, safe)

  readonly acquireSlots = (body: BodyOf<'POST /v2/concurrency_limits/increment-with-lease'>, options?: CallOptions): Promise<AnswerOf<'POST /v2/concurrency_limits/increment-with-lease'>> =>
    this.request('POST /v2/concurrency_limits/increment-with-lease', { body }, options)
  readonly takeRate = (body: BodyOf<'POST /v2/concurrency_limits/increment'>, options?: CallOptions): Promise<AnswerOf<'POST /v2/concurrency_limits/increment'>> =>
    this.request('POST /v2/concurrency_limits/increment', { body }, options)
  readonly renewLease = (leaseId: string, leaseSeconds: number): Promise<void> =>
    this.request('POST /v2/concurrency_limits/leases/{lease_id}/renew', { path: { lease_id: leaseId }, body: { lease_duration: leaseSeconds } }, safe)
  readonly releaseLease = (leaseId: string, options?: CallOptions): Promise<void> =>
    this.request('POST /v2/concurrency_limits/decrement-with-lease', { body: { lease_id: leaseId } }, { ...safe, ...options })

  /** Automations of that name, which need not be one. */
  readonly findAutomations = (name: string): Promise<Automation[]> => this.request('POST /automations/filter', { body: { automations: { name: { any_: [name] } } } })
  readonly createAutomation = (body: BodyOf<'POST /automations/'>): Promise<Automation> => this.request('POST /automations/', { body })
  readonly updateAutomation = (id: string, body: BodyOf<'PUT /automations/{id}'>): Promise<void> => this.request('PUT /automations/{id}', { path: { id }, body })

  readonly createArtifact = (body: BodyOf<'POST /artifacts/'>): Promise<Artifact> => this.request('POST /artifacts/', { body })
  readonly updateArtifact = (id: string, body: BodyOf<'PATCH /artifacts/{id}'>): Promise<void> => this.request('PATCH /artifacts/{id}', { path: { id }, body })
  readonly latestArtifact = (key: string): Promise<Artifact | undefined> => absentWhen404(this.request('GET /artifacts/{key}/latest', { path: { key } }))

  readonly findVariable = (name: string): Promise<Variable | undefined> => absentWhen404(this.request('GET /variables/name/{name}', { path: { name } }))
  readonly createVariable = (body: BodyOf<'POST /variables/'>): Promise<Variable> => this.request('POST /variables/', { body })
  readonly updateVariable = (name: string, body: BodyOf<'PATCH /variables/name/{name}'>): Promise<void> => this.request('PATCH /variables/name/{name}', { path: { name }, body })
  readonly deleteVariable = (name: string): Promise<void> => this.request('DELETE /variables/name/{name}', { path: { name } })

  readonly findBlockType = (slug: string): Promise<BlockType | undefined> => absentWhen404(this.request('GET /block_types/slug/{slug}', { path: { slug } }))
  readonly createBlockType = (body: BodyOf<'POST /block_types/'>): Promise<BlockType> => this.request('POST /block_types/', { body })
  readonly createBlockSchema = (body: BodyOf<'POST /block_schemas/'>): Promise<BlockSchema> => this.request('POST /block_schemas/', { body }, safe)
  readonly filterBlockSchemas = (body: BodyOf<'POST /block_schemas/filter'>): Promise<BlockSchema[]> => this.request('POST /block_schemas/filter', { body })
  readonly findBlock = (slug: string, name: string, options?: CallOptions): Promise<BlockDocument | undefined> =>
    absentWhen404(this.request('GET /block_types/slug/{slug}/block_documents/name/{block_document_name}', { path: { slug, block_document_name: name }, query: { include_secrets: true } }, options))
  readonly readBlock = (id: string, options?: CallOptions): Promise<BlockDocument | undefined> =>
    absentWhen404(this.request('GET /block_documents/{id}', { path: { id }, query: { include_secrets: true } }, options))
  readonly createBlock = (body: BodyOf<'POST /block_documents/'>): Promise<BlockDocument> => this.request('POST /block_documents/', { body })
  readonly updateBlock = (id: string, body: BodyOf<'PATCH /block_documents/{id}'>): Promise<void> => this.request('PATCH /block_documents/{id}', { path: { id }, body })

  readonly version = (): Promise<string> => this.request('GET /admin/version')
}

async function absentWhen404<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}
