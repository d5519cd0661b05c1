import { State, StateType } from './states.ts'
import { TaskRunResult } from './task-runs.ts'
import { any, boolean, dateTime, float, list, literal, model, nullable, text, tuple, uuid } from './schema.ts'
import type { Static } from './schema.ts'

export const DependencyResult = model('DependencyResult', {
  id: uuid(),
  name: text(),
  upstream_dependencies: list(TaskRunResult),
  state: nullable(State),
  expected_start_time: nullable(dateTime()),
  start_time: nullable(dateTime()),
  end_time: nullable(dateTime()),
  total_run_time: nullable(float()),
  estimated_run_time: nullable(float()),
  untrackable_result: boolean(),
})
export type DependencyResult = Static<typeof DependencyResult>

export const Edge = model('Edge', {
  id: uuid(),
})
export type Edge = Static<typeof Edge>

export const GraphArtifact = model('GraphArtifact', {
  id: uuid(),
  created: dateTime(),
  key: nullable(text()),
  type: nullable(text()),
  is_latest: boolean(),
  data: nullable(any()),
})
export type GraphArtifact = Static<typeof GraphArtifact>

export const GraphState = model('GraphState', {
  id: uuid(),
  timestamp: dateTime(),
  type: StateType,
  name: text(),
})
export type GraphState = Static<typeof GraphState>

export const Node = model('Node', {
  kind: literal(['flow-run', 'task-run']),
  id: uuid(),
  label: text(),
  state_type: StateType,
  start_time: dateTime(),
  end_time: nullable(dateTime()),
  parents: list(Edge),
  children: list(Edge),
  encapsulating: list(Edge),
  artifacts: list(GraphArtifact),
})
export type Node = Static<typeof Node>

export const Graph = model('Graph', {
  start_time: nullable(dateTime()),
  end_time: nullable(dateTime()),
  root_node_ids: list(uuid()),
  nodes: list(tuple<[string, Static<typeof Node>]>([uuid(), Node])),
  artifacts: list(GraphArtifact),
  states: list(GraphState),
})
export type Graph = Static<typeof Graph>
