import { formatIso } from '@spillway/core/wire/time'
import { nextRunsToSkip, type CatchUpCursor } from '../storage/catch-up.ts'
import type { Sql } from '../storage/port.ts'

// What the background services have to look at. Their commands check each row again before they change it. A column
// stands in coalesce() where its index would be the wrong one: times choose fewer rows than states.

const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id)

/** Runs that should have started before a moment and still wait. */
async function findLateRuns(sql: Sql, args: { dueBeforeUs: number; limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select id from flow_run where state_type = 'SCHEDULED' and state_name = 'Scheduled' and next_scheduled_start_time <= ?
       order by next_scheduled_start_time limit ?`,
      [args.dueBeforeUs, args.limit],
    ),
  )
}

/** Late runs that their deployments do not want to start any more, among the next `limit` waiting ones after a cursor. */
async function findRunsToSkip(
  sql: Sql,
  args: { after: CatchUpCursor | null; limit: number },
): Promise<{ ids: string[]; next: CatchUpCursor | null }> {
  return nextRunsToSkip(sql, args.after, args.limit)
}

async function findExpiredPauses(sql: Sql, args: { limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select id from flow_run where state_type = 'PAUSED' and state -> 'state_details' ->> 'pause_timeout' < ? limit ?`,
      [formatIso(sql.nowUs), args.limit],
    ),
  )
}

/**
 * Task runs that are not finished although their flow run was cancelled in the last day, found by the index of ends.
 */
async function findLeftTaskRuns(sql: Sql, args: { limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select t.id from flow_run r cross join task_run t
       where t.flow_run_id = r.id and r.end_time >= ? and coalesce(r.state_type, '') = 'CANCELLED'
         and coalesce(t.state_type, '') in ('PENDING', 'SCHEDULED', 'RUNNING', 'PAUSED', 'CANCELLING') limit ?`,
      [sql.nowUs - 86_400 * 1e6, args.limit],
    ),
  )
}

/** Subflow runs that are not finished although the flow run that contains them was cancelled. */
async function findLeftSubflowRuns(sql: Sql, args: { limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select r.id from flow_run r join task_run t on t.id = r.parent_task_run_id join flow_run parent on parent.id = t.flow_run_id
       where r.state_type in ('PENDING', 'SCHEDULED', 'RUNNING', 'PAUSED', 'CANCELLING') and parent.state_type = 'CANCELLED'
         and not (r.deployment_id is not null and r.state_type = 'CANCELLING') limit ?`,
      [args.limit],
    ),
  )
}

async function findTimedOutCancellations(sql: Sql, args: { sinceBeforeUs: number; limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select id from flow_run where state_type = 'CANCELLING' and state_timestamp <= ? order by state_timestamp limit ?`,
      [args.sinceBeforeUs, args.limit],
    ),
  )
}

/** Finished runs that are nobody's subflow and ended before a moment. */
async function findOldFlowRuns(sql: Sql, args: { endedBeforeUs: number; limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select id from flow_run where end_time < ? and parent_task_run_id is null
         and coalesce(state_type, '') in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') order by end_time limit ?`,
      [args.endedBeforeUs, args.limit],
    ),
  )
}

/**
 * Logs whose flow run is gone, among the next `span` logs after a cursor. @returns the cursor to go on from, null at
 * the end.
 */
async function findOrphanLogs(
  sql: Sql,
  args: { afterSeq: number; span: number },
): Promise<{ logs: number[]; nextSeq: number | null }> {
  const last = await sql.get<{ seq: number | null }>('select max(seq) as seq from log')
  const endSeq = args.afterSeq + args.span
  const rows = await sql.all<{ seq: number }>(
    `select seq from log where seq > ? and seq <= ? and flow_run_id is not null
       and not exists (select 1 from flow_run r where r.id = log.flow_run_id)`,
    [args.afterSeq, endSeq],
  )
  return { logs: rows.map(({ seq }) => seq), nextSeq: endSeq >= (last?.seq ?? 0) ? null : endSeq }
}

async function findOrphanArtifacts(sql: Sql, args: { limit: number }): Promise<string[]> {
  return ids(
    await sql.all<{ id: string }>(
      `select id from artifact where flow_run_id is not null
         and not exists (select 1 from flow_run r where r.id = artifact.flow_run_id) limit ?`,
      [args.limit],
    ),
  )
}

export const housekeepingQueries = {
  findLateRuns, findRunsToSkip, findExpiredPauses, findLeftTaskRuns, findLeftSubflowRuns, findTimedOutCancellations, findOldFlowRuns,
  findOrphanLogs, findOrphanArtifacts,
}
