import { httpError, objectNotFound } from '../errors.ts'
import { jsonArray } from '../storage/answers.ts'
import { runsToHandOut, withoutSkipped } from '../storage/catch-up.ts'
import { flowRunFilter } from '../storage/filters/entities.ts'
import type { Answer, Sql, SqlParam } from '../storage/port.ts'
import { encodeFlowRun, shownFlowRuns, type FlowRunRow, type ShownFlowRunRow } from '../storage/rows/flow-runs.ts'
import { encodeWorkerFlowRun } from '../storage/rows/worker-flow-runs.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import type { WorkQueueRow } from '../storage/rows/work-queues.ts'

/** What a poll has to note: it is written by a command of its own, after the answer. */
export interface Poll {
  /** Polls with the same key note the same things. */
  key: string
  queueIds: string[]
  deploymentIds: string[]
  /** True when something polled is not yet READY, which is told at once. */
  isNews: boolean
}

export type PolledAnswer = Answer & { poll: Poll | null }

/** Runs that a worker may take: bounds in µs, null for none. */
interface Due {
  beforeUs: number | null
  afterUs: number | null
  limit: number
}

/** Retries that go on in the process of the run are not for workers. */
const forWorkers = `coalesce(flow_run.empirical_policy ->> 'retry_type', '') <> 'in_process'`

/**
 * Scheduled runs of a pool for a worker: the queues in the order of their priority, each run by its time. Limits of the
 * queues and of the pool count what is PENDING or RUNNING. Nothing is reserved: two workers may get the same run.
 *
 * @throws 404 when the pool or a named queue does not exist.
 */
async function scheduledRunsOfPool(
  sql: Sql,
  args: Due & { poolName: string; queueNames: string[] | null },
): Promise<PolledAnswer> {
  const pool = await sql.get<WorkPoolRow>('select * from work_pool where name = ?', [args.poolName])
  if (!pool) throw httpError(404, `Work pool "${args.poolName}" not found.`)
  const all = await sql.all<WorkQueueRow>('select * from work_queue where work_pool_id = ? order by priority, id', [pool.id])
  const missing = args.queueNames?.find((name) => !all.some((queue) => queue.name === name))
  if (missing !== undefined) throw httpError(404, `Work pool queue '${pool.name}/${missing}' not found.`)
  const queues = args.queueNames?.length ? all.filter(({ name }) => args.queueNames!.includes(name)) : all
  const members: string[] = []
  let room = pool.is_paused ? 0 : Math.min(args.limit, await freeSlotsOfPool(sql, pool, all))
  for (const queue of queues) {
    if (room <= 0) break
    if (queue.is_paused) continue
    const runs = await dueRuns(sql, queue, args, Math.min(room, await freeSlotsOfQueue(sql, queue)))
    for (const run of runs) {
      members.push(
        `{"work_pool_id":"${pool.id}","work_queue_id":"${queue.id}","flow_run":${encodeWorkerFlowRun(run, sql.nowUs)}}`,
      )
    }
    room -= runs.length
  }
  const poll = await pollOfQueues(sql, `pool:${pool.id}`, queues)
  return { status: 200, json: jsonArray(members), poll }
}

async function dueRuns(sql: Sql, queue: WorkQueueRow, due: Due, limit: number): Promise<FlowRunRow[]> {
  if (limit <= 0) return []
  const bounds = timeBounds(due)
  return runsToHandOut(sql, limit, (size, offset) =>
    sql.all<FlowRunRow>(
      `select * from flow_run where work_queue_id = ? and state_type = 'SCHEDULED'${bounds.text} and ${forWorkers}
       order by next_scheduled_start_time limit ? offset ?`,
      [queue.id, ...bounds.params, size, offset],
    ),
  )
}

function timeBounds(due: Pick<Due, 'beforeUs' | 'afterUs'>): { text: string; params: SqlParam[] } {
  let text = ''
  const params: SqlParam[] = []
  if (due.beforeUs !== null) {
    text += ' and flow_run.next_scheduled_start_time <= ?'
    params.push(due.beforeUs)
  }
  if (due.afterUs !== null) {
    text += ' and flow_run.next_scheduled_start_time >= ?'
    params.push(due.afterUs)
  }
  return { text, params }
}

const inSlot = `state_type in ('RUNNING', 'PENDING', 'CANCELLING')`

async function freeSlotsOfPool(sql: Sql, pool: WorkPoolRow, queues: readonly WorkQueueRow[]): Promise<number> {
  if (pool.concurrency_limit === null) return Infinity
  const row = await sql.get<{ n: number }>(
    `select count(*) as n from flow_run
     where work_queue_id in (select value from json_each(?)) and ${inSlot} and state_type <> 'CANCELLING'`,
    [JSON.stringify(queues.map(({ id }) => id))],
  )
  return Math.max(0, pool.concurrency_limit - (row?.n ?? 0))
}

async function freeSlotsOfQueue(sql: Sql, queue: WorkQueueRow, countCancelling = false): Promise<number> {
  if (queue.concurrency_limit === null) return Infinity
  const row = await sql.get<{ n: number }>(
    `select count(*) as n from flow_run where work_queue_id = ? and ${inSlot}${countCancelling ? '' : ` and state_type <> 'CANCELLING'`}`,
    [queue.id],
  )
  return Math.max(0, queue.concurrency_limit - (row?.n ?? 0))
}

async function pollOfQueues(sql: Sql, key: string, queues: readonly WorkQueueRow[]): Promise<Poll | null> {
  if (queues.length === 0) return null
  const queueIds = queues.map(({ id }) => id)
  const waiting = await sql.get(
    `select 1 from deployment where work_queue_id in (select value from json_each(?)) and status = 'NOT_READY' limit 1`,
    [JSON.stringify(queueIds)],
  )
  const isNews = waiting !== undefined || queues.some(({ status }) => status === 'NOT_READY')
  return { key, queueIds, deploymentIds: [], isNews }
}

/** Scheduled runs of deployments, for the process that serves them. */
async function scheduledRunsOfDeployments(
  sql: Sql,
  args: { deploymentIds: string[]; beforeUs: number | null; limit: number },
): Promise<PolledAnswer> {
  const bounds = timeBounds({ beforeUs: args.beforeUs, afterUs: null })
  const ids = JSON.stringify(args.deploymentIds)
  // Deployment by deployment: the index of all scheduled runs would be read whole for the runs of a few.
  const runs = await runsToHandOut(sql, args.limit, (size, offset) =>
    sql.all<ShownFlowRunRow>(
      `${shownFlowRuns} where flow_run.id in (
         select flow_run.id from json_each(?) wanted cross join flow_run
         where flow_run.deployment_id = wanted.value and flow_run.state_type = 'SCHEDULED'${bounds.text}
         order by flow_run.next_scheduled_start_time limit ? offset ?
       ) order by flow_run.next_scheduled_start_time`,
      [ids, ...bounds.params, size, offset],
    ),
  )
  const waiting = await sql.get(
    `select 1 from deployment where id in (select value from json_each(?)) and status = 'NOT_READY' limit 1`,
    [ids],
  )
  const key = `deployments:${args.deploymentIds.toSorted().join()}`
  return {
    status: 200,
    json: jsonArray(runs.map((run) => encodeFlowRun(run, sql.nowUs))),
    poll: args.deploymentIds.length === 0
      ? null
      : { key, queueIds: [], deploymentIds: args.deploymentIds, isNews: waiting !== undefined },
  }
}

/** Scheduled runs of one queue, for an agent of old. Here runs that are being cancelled hold their slot too. */
async function scheduledRunsOfQueue(
  sql: Sql,
  args: { queueId: string; beforeUs: number | null; limit: number },
): Promise<PolledAnswer> {
  const queue = await sql.get<WorkQueueRow>('select * from work_queue where id = ?', [args.queueId])
  if (!queue) throw objectNotFound(`Work queue with id ${args.queueId} not found.`)
  const runs = queue.is_paused ? [] : await withoutSkipped(sql, await runsForAgent(sql, queue, args))
  return {
    status: 200,
    // This old route tells the queue, and nothing of its pool.
    json: jsonArray(runs.map((run) => encodeFlowRun({ ...run, pool_id: null, pool_name: null }, sql.nowUs))),
    poll: await pollOfQueues(sql, `queue:${queue.id}`, [queue]),
  }
}

async function runsForAgent(
  sql: Sql,
  queue: WorkQueueRow,
  args: { beforeUs: number | null; limit: number },
): Promise<ShownFlowRunRow[]> {
  const bounds = timeBounds({ beforeUs: args.beforeUs, afterUs: null })
  const tail = `and flow_run.state_type = 'SCHEDULED'${bounds.text} order by flow_run.next_scheduled_start_time limit ?`
  if (queue.filter === null) {
    const limit = Math.min(args.limit, await freeSlotsOfQueue(sql, queue, true))
    return sql.all<ShownFlowRunRow>(`${shownFlowRuns} where flow_run.work_queue_id = ? ${tail}`, [queue.id, ...bounds.params, limit])
  }
  // A queue that chooses by tags or deployments takes runs of any queue.
  const filter = JSON.parse(queue.filter) as { tags?: string[] | null; deployment_ids?: string[] | null }
  const where = flowRunFilter({
    tags: filter.tags ? { all_: filter.tags } : null,
    deployment_id: { any_: filter.deployment_ids ?? null, is_null_: false },
  })
  let limit = args.limit
  if (queue.concurrency_limit !== null) {
    const held = await sql.get<{ n: number }>(
      `select count(*) as n from flow_run where ${where.text} and state_type in ('PENDING', 'RUNNING')`,
      where.params,
    )
    limit = Math.min(limit, Math.max(0, queue.concurrency_limit - (held?.n ?? 0)))
  }
  return sql.all<ShownFlowRunRow>(`${shownFlowRuns} where ${where.text} ${tail}`, [...where.params, ...bounds.params, limit])
}

export const scheduledRunQueries = { scheduledRunsOfPool, scheduledRunsOfDeployments, scheduledRunsOfQueue }
