import type { VariableKey } from '../commands/variables.ts'
import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { columnLeaf, compileFilter, tagsLeaf, type Filter } from '../storage/filters/condition.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeVariable, type VariableRow } from '../storage/rows/variables.ts'

const orders = {
  CREATED_DESC: 'created desc',
  UPDATED_DESC: 'updated desc',
  NAME_DESC: 'name desc',
  NAME_ASC: 'name',
} as const

const leaves = { id: columnLeaf('variable.id'), name: columnLeaf('variable.name'), tags: tagsLeaf('variable.tags') }

async function readVariable(sql: Sql, args: { key: VariableKey }): Promise<Answer> {
  const row =
    'id' in args.key
      ? await sql.get<VariableRow>('select * from variable where id = ?', [args.key.id])
      : await sql.get<VariableRow>('select * from variable where name = ?', [args.key.name])
  if (!row) throw httpError(404, 'Variable not found.')
  return ok(encodeVariable(row, sql.nowUs))
}

async function listVariables(
  sql: Sql,
  args: { variables: Filter | null; sort: keyof typeof orders; page: Page },
): Promise<Answer> {
  const where = compileFilter(args.variables, leaves)
  const rows = await sql.all<VariableRow>(
    `select * from variable where ${where.text} order by ${orders[args.sort]} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(rows.map((row) => encodeVariable(row, sql.nowUs))))
}

async function countVariables(sql: Sql, args: { variables: Filter | null }): Promise<Answer> {
  const where = compileFilter(args.variables, leaves)
  const row = await sql.get<{ n: number }>(`select count(*) as n from variable where ${where.text}`, where.params)
  return ok(String(row?.n ?? 0))
}

export const variableQueries = { readVariable, listVariables, countVariables }
