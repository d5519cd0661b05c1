import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { allOf, around, columnLeaf, compileFilter, type Condition, type Filter } from '../storage/filters/condition.ts'
import { deploymentFilter, flowFilter, flowRunFilter, taskRunFilter } from '../storage/filters/entities.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import {
  encodeArtifact, encodeArtifactCollection, type ArtifactCollectionRow, type ArtifactRow,
} from '../storage/rows/artifacts.ts'

type Table = 'artifact' | 'artifact_collection'

const orders = {
  CREATED_DESC: 'created desc, id desc',
  UPDATED_DESC: 'updated desc, id desc',
  ID_DESC: 'id desc',
  KEY_DESC: 'key desc, id desc',
  KEY_ASC: 'key, id',
} as const

interface ArtifactFilters {
  artifacts: Filter | null
  flow_runs: Filter | null
  task_runs: Filter | null
  flows: Filter | null
  deployments: Filter | null
}

async function readArtifact(sql: Sql, args: { id: string }): Promise<Answer> {
  const row = await sql.get<ArtifactRow>('select * from artifact where id = ?', [args.id])
  if (!row) throw httpError(404, 'Artifact not found.')
  return ok(encodeArtifact(row, sql.nowUs))
}

/** The collection in the shape of an artifact: its id is the collection's. */
async function readLatestArtifact(sql: Sql, args: { key: string }): Promise<Answer> {
  const row = await sql.get<ArtifactCollectionRow>('select * from artifact_collection where key = ?', [args.key])
  if (!row) throw httpError(404, 'Artifact not found.')
  return ok(encodeArtifact(row, sql.nowUs))
}

async function listArtifacts(
  sql: Sql,
  args: { table: Table; filters: ArtifactFilters; sort: keyof typeof orders; page: Page },
): Promise<Answer> {
  const where = listCondition(args.table, args.filters)
  const rows = await sql.all<ArtifactCollectionRow>(
    `select * from ${args.table} where ${where.text} order by ${orders[args.sort]} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  const encode = args.table === 'artifact' ? encodeArtifact : encodeArtifactCollection
  return ok(jsonArray(rows.map((row) => encode(row, sql.nowUs))))
}

async function countArtifacts(sql: Sql, args: { table: Table; filters: ArtifactFilters }): Promise<Answer> {
  const where = listCondition(args.table, args.filters)
  const row = await sql.get<{ n: number }>(`select count(*) as n from ${args.table} where ${where.text}`, where.params)
  return ok(String(row?.n ?? 0))
}

function listCondition(table: Table, filters: ArtifactFilters): Condition {
  const id = table === 'artifact' ? 'id' : 'latest_id'
  const own = compileFilter(filters.artifacts, {
    [id]: columnLeaf(`${table}.${id}`),
    key: columnLeaf(`${table}.key`),
    flow_run_id: columnLeaf(`${table}.flow_run_id`),
    task_run_id: columnLeaf(`${table}.task_run_id`),
    type: columnLeaf(`${table}.type`),
  })
  const conditions = [own]
  const ofRun = `exists (select 1 from flow_run`
  const thisRun = `where flow_run.id = ${table}.flow_run_id and `
  if (filters.flow_runs) conditions.push(around(`${ofRun} ${thisRun}`, flowRunFilter(filters.flow_runs), ')'))
  if (filters.flows) {
    const join = 'join flow on flow.id = flow_run.flow_id'
    conditions.push(around(`${ofRun} ${join} ${thisRun}`, flowFilter(filters.flows), ')'))
  }
  if (filters.deployments) {
    const join = 'join deployment on deployment.id = flow_run.deployment_id'
    conditions.push(around(`${ofRun} ${join} ${thisRun}`, deploymentFilter(filters.deployments), ')'))
  }
  if (filters.task_runs) {
    const ofTask = `exists (select 1 from task_run where task_run.id = ${table}.task_run_id and `
    conditions.push(around(ofTask, taskRunFilter(filters.task_runs), ')'))
  }
  return allOf(conditions)
}

export const artifactQueries = { readArtifact, readLatestArtifact, listArtifacts, countArtifacts }
