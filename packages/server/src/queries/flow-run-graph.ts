import type { StateType } from '@spillway/core/domain/state'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import { httpError, objectNotFound } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { floatJson, rowEncoder } from '../storage/row-encoder.ts'
import { estimatedRunTimeSeconds } from '@spillway/core/domain/derived-times'
import { runTimes } from '../storage/rows/flow-runs.ts'
import type { TaskRunRow } from '../storage/rows/task-runs.ts'

/** Inputs as stored: lists of references; those with an id point at the run they come from. */
type TaskInputs = Record<string, { input_type?: string; id?: string }[]>

/** The input key under which a run names the runs that enclose it. */
const ENCLOSING_KEY = '__parents__'

/** Task runs looked at for the edges of one graph. */
const SCANNED_RUNS_MAX = 200_000

interface NodeRow {
  kind: 'flow-run' | 'task-run'
  id: string
  label: string
  state_type: StateType | null
  start_time: number
  end_time: number | null
  task_inputs: string
}

interface Edges {
  parents: Set<string>
  children: Set<string>
  encapsulating: Set<string>
}

/** The graph of a flow run's tasks and subflows (`graph-v2`). */
async function readFlowRunGraph(sql: Sql, args: { id: string; since: string }): Promise<Answer> {
  const run = await sql.get<{ start_time: number | null; end_time: number | null }>(
    'select coalesce(start_time, expected_start_time) as start_time, end_time from flow_run where id = ?',
    [args.id],
  )
  if (!run) throw objectNotFound(`Flow run ${args.id} not found`)
  const sinceUs = parseIso(args.since) ?? 0
  const all = await readNodes(sql, args.id)
  const nodes = all.filter((node) => node.end_time === null || node.end_time >= sinceUs)
  const { maxGraphNodes } = sql.settings
  if (nodes.length > maxGraphNodes) {
    throw httpError(400, `The graph of flow run ${args.id} has more than ${maxGraphNodes} nodes.`)
  }
  const edges = connect(all)
  const artifacts = await readGraphArtifacts(sql, args.id)
  const states = await sql.all<{ id: string; timestamp: number; type: string; name: string }>(
    'select id, timestamp, type, name from flow_run_state where flow_run_id = ? order by timestamp limit 10000',
    [args.id],
  )
  const isRoot = (node: NodeRow): boolean => edges.get(node.id)?.parents.size === 0
  return ok(
    `{"start_time":${timeJson(run.start_time)},"end_time":${timeJson(run.end_time)},` +
      `"root_node_ids":${JSON.stringify(nodes.filter(isRoot).map((node) => node.id))},` +
      `"nodes":${jsonArray(nodes.map((node) => `["${node.id}",${nodeJson(node, edges.get(node.id)!, artifacts.get(node.id) ?? [])}]`))},` +
      `"artifacts":${jsonArray(artifacts.get('') ?? [])},"states":${jsonArray(states.map((state) => encodeGraphState(state, 0)))}}`,
  )
}

function readNodes(sql: Sql, flowRunId: string) {
  return sql.all<NodeRow>(
    `select case when r.id is null then 'task-run' else 'flow-run' end as kind,
       coalesce(r.id, t.id) as id,
       case when r.id is null then t.name else f.name || ' / ' || r.name end as label,
       coalesce(r.state_type, t.state_type) as state_type,
       coalesce(r.start_time, r.expected_start_time, t.start_time, t.expected_start_time) as start_time,
       coalesce(r.end_time, t.end_time, case when t.state_type = 'COMPLETED' then t.expected_start_time end) as end_time,
       t.task_inputs
     from task_run t
     left join flow_run r on r.parent_task_run_id = t.id
     left join flow f on f.id = r.flow_id
     where t.flow_run_id = ? and coalesce(r.start_time, r.expected_start_time, t.start_time, t.expected_start_time) is not null
     order by 5, 6
     limit ?`,
    [flowRunId, SCANNED_RUNS_MAX],
  )
}

function connect(nodes: readonly NodeRow[]): Map<string, Edges> {
  const edges = new Map<string, Edges>()
  for (const node of nodes) edges.set(node.id, { parents: new Set(), children: new Set(), encapsulating: new Set() })
  for (const node of nodes) {
    if (node.task_inputs === '{}') continue
    const own = edges.get(node.id)!
    for (const [key, inputs] of Object.entries(JSON.parse(node.task_inputs) as TaskInputs)) {
      for (const { id } of inputs) {
        const source = id === undefined ? undefined : edges.get(id)
        if (id === undefined || !source) continue
        if (key === ENCLOSING_KEY) {
          own.encapsulating.add(id)
        } else {
          own.parents.add(id)
          source.children.add(node.id)
        }
      }
    }
  }
  return edges
}

function nodeJson(node: NodeRow, edges: Edges, artifacts: readonly string[]): string {
  const list = (ids: Set<string>): string => jsonArray(Array.from(ids, (id) => `{"id":"${id}"}`))
  return (
    `{"kind":"${node.kind}","id":"${node.id}","label":${JSON.stringify(node.label)},"state_type":${JSON.stringify(node.state_type)},` +
    `"start_time":${timeJson(node.start_time)},"end_time":${timeJson(node.end_time)},"parents":${list(edges.parents)},` +
    `"children":${list(edges.children)},"encapsulating":${list(edges.encapsulating)},"artifacts":${jsonArray(artifacts)}}`
  )
}

interface GraphArtifactRow {
  id: string
  created: number
  key: string | null
  type: string | null
  is_latest: number
  data: string | null
  task_run_id: string | null
}

const encodeGraphArtifact = rowEncoder<GraphArtifactRow>({
  id: 'text',
  created: 'time',
  key: 'text',
  type: 'text',
  is_latest: 'bool',
  data: 'json',
})

const encodeGraphState = rowEncoder<{ id: string; timestamp: number; type: string; name: string }>({
  id: 'text',
  timestamp: 'time',
  type: 'text',
  name: 'text',
})

/** By task run; those of the flow run itself under ''. Results are no artifacts to look at. */
async function readGraphArtifacts(sql: Sql, flowRunId: string): Promise<Map<string, string[]>> {
  const rows = await sql.all<GraphArtifactRow>(
    `select a.id, a.created, a.key, a.type, a.task_run_id,
       case when a.key is null or c.id is not null then 1 else 0 end as is_latest,
       case when a.type = 'progress' then a.data end as data
     from artifact a left join artifact_collection c on c.key = a.key and c.latest_id = a.id
     where a.flow_run_id = ? and a.type <> 'result' order by a.created limit ?`,
    [flowRunId, sql.settings.maxGraphArtifacts],
  )
  const byTask = new Map<string, string[]>()
  for (const row of rows) {
    const key = row.task_run_id ?? ''
    const list = byTask.get(key) ?? []
    list.push(encodeGraphArtifact(row, sql.nowUs))
    byTask.set(key, list)
  }
  return byTask
}

function timeJson(us: number | null): string {
  return us === null ? 'null' : `"${formatIso(us)}"`
}

/** Task runs of a flow run with what they depend on (the older `graph`). */
async function readTaskRunDependencies(sql: Sql, args: { id: string }): Promise<Answer> {
  if (!(await sql.get('select 1 from flow_run where id = ?', [args.id]))) {
    throw objectNotFound(`Flow run with id ${args.id} not found`)
  }
  const rows = await sql.all<TaskRunRow>('select * from task_run where flow_run_id = ? order by id limit ?', [
    args.id,
    SCANNED_RUNS_MAX,
  ])
  return ok(jsonArray(rows.map((row) => encodeDependencies(row, sql.nowUs))))
}

const encodeDependencies = rowEncoder<TaskRunRow>({
  id: 'text',
  name: 'text',
  upstream_dependencies: (row) => JSON.stringify(distinctInputs(row.task_inputs)),
  state: 'json',
  expected_start_time: 'time',
  start_time: 'time',
  end_time: 'time',
  total_run_time: (row) => floatJson(row.total_run_time),
  estimated_run_time: (row, nowUs) => floatJson(estimatedRunTimeSeconds(runTimes(row), nowUs)),
  untrackable_result: (row) =>
    String(row.state === null ? false : (JSON.parse(row.state).state_details.untrackable_result ?? false)),
})

function distinctInputs(json: string): unknown[] {
  const inputs = Object.values(JSON.parse(json) as TaskInputs).flat()
  const byText = new Map(inputs.map((input) => [JSON.stringify(input), input]))
  return [...byText.values()]
}

export const flowRunGraphQueries = { readFlowRunGraph, readTaskRunDependencies }
