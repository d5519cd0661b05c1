import { formatIso } from '@spillway/core/wire/time'
import { sdkLimits } from '../limits.ts'
import type { FlowScope } from './context.ts'
import type { State } from './state.ts'

/** A task run as its events carry it; the server makes its row of them. */
export interface TaskRunRecord {
  readonly id: string
  name: string
  readonly taskKey: string
  readonly dynamicKey: string
  readonly version: string | undefined
  readonly policy: { readonly retries: number; readonly retry_delay: number | number[] | null; readonly retry_jitter_factor: number | null }
  readonly tags: readonly string[]
  readonly inputs: Record<string, readonly object[]>
  readonly expectedStartUs: number
  runCount: number
  flowRunRunCount: number
  startUs: number | undefined
  endUs: number | undefined
  runTimeUs: number
  state: State | undefined
}

/** The part of a record that a run has which has not begun. */
export function notBegun(nowUs: number): Pick<TaskRunRecord, 'expectedStartUs' | 'runCount' | 'flowRunRunCount' | 'startUs' | 'endUs' | 'runTimeUs' | 'state'> {
  return { expectedStartUs: nowUs, runCount: 0, flowRunRunCount: 0, startUs: undefined, endUs: undefined, runTimeUs: 0, state: undefined }
}

/** Moves the run to a state, as the Python engine does on its side, and gives the event that tells of it. */
export function enterState(run: TaskRunRecord, state: State, scope: FlowScope | undefined, related = scope?.related ?? []): object {
  const from = run.state
  if (from?.type === 'RUNNING') run.runTimeUs += state.timestampUs - from.timestampUs
  if (state.type === 'RUNNING') {
    run.runCount++
    run.startUs ??= state.timestampUs
    run.flowRunRunCount = scope?.run.runCount ?? 0
  }
  if (['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'].includes(state.type) && run.startUs !== undefined) run.endUs ??= state.timestampUs
  run.state = state
  return eventOf(run, from, state, related)
}

function eventOf(run: TaskRunRecord, from: State | undefined, state: State, related: FlowScope['related']): object {
  const message = cut(state.message)
  const timestamp = formatIso(state.timestampUs)
  return {
    id: state.id,
    occurred: timestamp,
    event: `prefect.task-run.${state.name}`,
    resource: {
      'prefect.resource.id': `prefect.task-run.${run.id}`,
      'prefect.resource.name': run.name,
      'prefect.run-count': String(run.runCount),
      'prefect.state-message': message,
      'prefect.state-name': state.name,
      'prefect.state-timestamp': timestamp,
      'prefect.state-type': state.type,
      'prefect.orchestration': 'client',
    },
    related: [
      ...run.tags.toSorted().map((tag) => ({ 'prefect.resource.id': `prefect.tag.${tag}`, 'prefect.resource.role': 'tag' })),
      ...related,
    ],
    payload: {
      intended: { from: from?.type ?? null, to: state.type },
      initial_state: from ? { type: from.type, name: from.name, message: cut(from.message), state_details: from.details } : null,
      validated_state: { type: state.type, name: state.name, message, state_details: state.details, data: state.data },
      task_run: documentOf(run),
    },
    ...(from && state.timestampUs - from.timestampUs < sdkLimits.followsWithinUs ? { follows: from.id } : {}),
  }
}

function documentOf(run: TaskRunRecord): object {
  const { retries, retry_delay, retry_jitter_factor } = run.policy
  return {
    name: run.name,
    task_key: run.taskKey,
    dynamic_key: run.dynamicKey,
    ...(run.version === undefined ? {} : { task_version: run.version }),
    empirical_policy: {
      max_retries: 0,
      retry_delay_seconds: 0,
      retries,
      ...(retry_delay === null ? {} : { retry_delay }),
      ...(retry_jitter_factor === null ? {} : { retry_jitter_factor }),
    },
    tags: run.tags,
    labels: {},
    task_inputs: run.inputs,
    run_count: run.runCount,
    flow_run_run_count: run.flowRunRunCount,
    expected_start_time: formatIso(run.expectedStartUs),
    ...(run.startUs === undefined ? {} : { start_time: formatIso(run.startUs) }),
    ...(run.endUs === undefined ? {} : { end_time: formatIso(run.endUs) }),
    total_run_time: run.runTimeUs / 1e6,
  }
}

/** No message is an empty one, as stock clients send it; of a very long one the middle is left out. */
function cut(message: string | null): string {
  if (message === null || message.length <= sdkLimits.stateMessageChars) return message ?? ''
  const half = sdkLimits.stateMessageChars / 2
  return `${message.slice(0, half)}...${message.length - sdkLimits.stateMessageChars} additional characters...${message.slice(-half)}`
}
