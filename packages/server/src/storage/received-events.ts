import { isClientTaskRunEvent, taskRunFromEvent, type TaskRunEvent, type TaskRunEventColumns } from '@spillway/core/domain/task-run-from-event'
import { stateToJson } from '@spillway/core/domain/state'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import type { LoggedEvent } from './event-log.ts'
import type { SqlParam } from './port.ts'

/** An event as a client sends it, checked by the wire schema. */
export interface ReceivedEventInput extends TaskRunEvent {
  related?: readonly Record<string, string>[]
  follows?: string | null
}

/**
 * Completes a checked event for the log, and reads from it what it tells of a task run, while it is still there as an object: the
 * writer's time is what bounds the rate of events, and it would have to parse the text again.
 *
 * @param nowUs The time of receipt.
 */
export function toLoggedEvent(event: ReceivedEventInput, nowUs: number): LoggedEvent {
  const related = event.related ?? []
  return {
    id: event.id,
    occurredUs: parseIso(event.occurred) ?? nowUs,
    receivedUs: nowUs,
    event: event.event,
    resourceId: event.resource['prefect.resource.id'] ?? '',
    related: related.map((r) => [r['prefect.resource.id'] ?? '', r['prefect.resource.role'] ?? ''] as const),
    body: JSON.stringify({
      occurred: event.occurred,
      event: event.event,
      resource: event.resource,
      related,
      payload: event.payload ?? {},
      id: event.id,
      follows: event.follows ?? null,
      received: formatIso(nowUs),
    }),
    ...(isClientTaskRunEvent(event) ? { taskRun: toldTaskRun(event) } : {}),
  }
}

function toldTaskRun(event: TaskRunEvent): NonNullable<LoggedEvent['taskRun']> {
  const reading = taskRunFromEvent(event)
  if (!reading.ok) return { reason: reading.reason }
  const { taskRunId, flowRunId, state, columns } = reading.record
  return {
    id: taskRunId,
    flowRunId,
    taskKey: columns.taskKey,
    dynamicKey: columns.dynamicKey,
    state: { id: state.id, timestampUs: state.timestampUs, type: state.type, name: state.name, json: stateToJson(state) },
    columns: toColumns(columns),
  }
}

function toColumns(columns: TaskRunEventColumns): Record<string, SqlParam> {
  const values: Record<string, SqlParam | undefined> = {
    name: columns.name,
    cache_key: columns.cacheKey,
    cache_expiration: columns.cacheExpirationUs,
    task_version: columns.taskVersion,
    empirical_policy: columns.empiricalPolicy && JSON.stringify(columns.empiricalPolicy),
    tags: columns.tags && JSON.stringify(columns.tags),
    labels: columns.labels && JSON.stringify(columns.labels),
    task_inputs: columns.taskInputs && JSON.stringify(columns.taskInputs),
    run_count: columns.runCount,
    flow_run_run_count: columns.flowRunRunCount,
    expected_start_time: columns.expectedStartTimeUs,
    next_scheduled_start_time: columns.nextScheduledStartTimeUs,
    start_time: columns.startTimeUs,
    end_time: columns.endTimeUs,
    total_run_time: columns.totalRunTimeSeconds,
    state_id: columns.stateId,
    state_type: columns.stateType,
    state_name: columns.stateName,
    state_timestamp: columns.stateTimestampUs,
  }
  const told: Record<string, SqlParam> = {}
  for (const name in values) if (values[name] !== undefined) told[name] = values[name]
  return told
}
