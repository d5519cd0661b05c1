import type { StateType } from '@spillway/core/domain/state'
import type { ApiClient } from '../client/api.ts'
import type { BodyOf } from '../client/typed-call.ts'
import type { MissingName, MissingParameters } from '../deployments/missing-arguments.ts'
import { durationMs, type Duration } from '../duration.ts'
import type { CallInput, Flow } from '../engine/flow.ts'
import { SpillwayError } from '../errors.ts'

type WireAction = BodyOf<'POST /automations/'>['actions'][number]

/** What an automation does. Made by `action`; names in it become ids when the automation is made. */
export interface Action {
  readonly resolve: (client: ApiClient) => Promise<WireAction>
}

/** Of a run that an automation starts. */
export interface RunDeploymentActionOptions {
  readonly jobVariables?: Record<string, unknown>
  /** How long after the event. */
  readonly after?: Duration
}

/** Of a deployment by name (`flow/deployment`); texts may hold templates, such as `{{ event.payload.id }}`. */
function runDeployment(target: string, parameters?: Record<string, unknown>, options?: RunDeploymentActionOptions): Action
/** Of a flow of this program; its parameters have their types. */
function runDeployment<Input>(flow: Flow<Input, unknown>, deployment: string, ...call: CallInput<Input> extends [unknown] ? [parameters: Input, options?: RunDeploymentActionOptions] : [parameters?: Input, options?: RunDeploymentActionOptions]): Action
/** Does not compile: the name of the deployment is missing. */
function runDeployment(flow: MissingName): never
/** Does not compile: the flow has parameters that must be given, and the compiler says which. */
function runDeployment<Input>(flow: Flow<Input, unknown>, deployment: MissingParameters<Input>): never
function runDeployment(first: string | Flow<never, unknown>, ...rest: unknown[]): Action {
  const [target, parameters, options] = typeof first === 'string' ? [first, ...rest] : [`${first.flowName}/${String(rest[0])}`, ...rest.slice(1)]
  const { jobVariables, after = 0 } = (options ?? {}) as RunDeploymentActionOptions
  return {
    resolve: async (client) => ({
      type: 'run-deployment',
      source: 'selected',
      deployment_id: await deploymentId(client, target as string),
      parameters: (parameters as Record<string, unknown> | undefined) ?? null,
      job_variables: jobVariables ?? null,
      schedule_after: durationMs(after) / 1000,
    }),
  }
}

/**
 * What is done when a trigger fires. Where a name is left out, it is the thing that the event is about.
 */
export const action = {
  runDeployment,
  pauseDeployment: (target?: string): Action => onDeployment('pause-deployment', target),
  resumeDeployment: (target?: string): Action => onDeployment('resume-deployment', target),
  cancelFlowRun: (): Action => plain({ type: 'cancel-flow-run' }),
  suspendFlowRun: (): Action => plain({ type: 'suspend-flow-run' }),
  resumeFlowRun: (): Action => plain({ type: 'resume-flow-run' }),
  deleteFlowRun: (): Action => plain({ type: 'delete-flow-run' }),
  changeFlowRunState: (state: StateType, options: { readonly name?: string; readonly message?: string; readonly force?: boolean } = {}): Action =>
    plain({ type: 'change-flow-run-state', state, name: options.name ?? null, message: options.message ?? null, force: options.force ?? false }),
  pauseWorkPool: (name?: string): Action => onWorkPool('pause-work-pool', name),
  resumeWorkPool: (name?: string): Action => onWorkPool('resume-work-pool', name),
  /** `pool/queue` */
  pauseWorkQueue: (name?: string): Action => onWorkQueue('pause-work-queue', name),
  resumeWorkQueue: (name?: string): Action => onWorkQueue('resume-work-queue', name),
  pauseAutomation: (name?: string): Action => onAutomation('pause-automation', name),
  resumeAutomation: (name?: string): Action => onAutomation('resume-automation', name),
  /** By a block that notifies, such as `slack-webhook/ops`. Both texts are templates. */
  notify: (block: string, message: { readonly subject?: string; readonly body: string }): Action => ({
    resolve: async (client) => ({ type: 'send-notification', block_document_id: await blockId(client, block), body: message.body, ...(message.subject === undefined ? {} : { subject: message.subject }) }),
  }),
  /** By a block `webhook/…`. The payload is a template, or data whose texts are. */
  callWebhook: (block: string, payload: string | Readonly<Record<string, unknown>> = ''): Action => ({
    resolve: async (client) => ({ type: 'call-webhook', block_document_id: await blockId(client, block), payload: typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2) }),
  }),
  doNothing: (): Action => plain({ type: 'do-nothing' }),
}

function plain(body: WireAction): Action {
  return { resolve: async () => body }
}

/** An action on a thing by its name, or on what the event is about. */
function onThing(type: WireAction['type'], field: string, name: string | undefined, find: (client: ApiClient, name: string) => Promise<string>): Action {
  return { resolve: async (client) => (name === undefined ? { type, source: 'inferred', [field]: null } : { type, source: 'selected', [field]: await find(client, name) }) as WireAction }
}

const onDeployment = (type: WireAction['type'], name: string | undefined): Action => onThing(type, 'deployment_id', name, deploymentId)
const onWorkPool = (type: WireAction['type'], name: string | undefined): Action => onThing(type, 'work_pool_id', name, async (client, pool) => idOf(await client.findWorkPool(pool), `work pool '${pool}'`))
const onAutomation = (type: WireAction['type'], name: string | undefined): Action => onThing(type, 'automation_id', name, async (client, other) => idOf((await client.findAutomations(other))[0], `automation '${other}'`))
const onWorkQueue = (type: WireAction['type'], name: string | undefined): Action =>
  onThing(type, 'work_queue_id', name, async (client, path) => {
    const [pool = '', ...queue] = path.split('/')
    return idOf(await client.findWorkQueue(pool, queue.join('/')), `work queue '${path}'`)
  })

async function deploymentId(client: ApiClient, target: string): Promise<string> {
  const [flow = '', ...name] = target.split('/')
  return idOf(await client.findDeployment(flow, name.join('/')), `deployment '${target}'`)
}

async function blockId(client: ApiClient, reference: string): Promise<string> {
  const [slug = '', name = ''] = reference.split('/')
  return idOf(await client.findBlock(slug, name), `block '${reference}'`)
}

function idOf(found: { readonly id: string } | undefined, what: string): string {
  if (!found) throw new SpillwayError('action-target-missing', `there is no ${what}, which an action of the automation names; make it first`)
  return found.id
}
