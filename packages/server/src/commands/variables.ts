import { parseExactJson } from '@spillway/core/wire/exact-json'
import { AppError, httpError } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { encodeVariable, type VariableRow } from '../storage/rows/variables.ts'

/** How a variable is addressed: by its id or by its name. */
export type VariableKey = { id: string } | { name: string }

async function createVariable(tx: Tx, args: { name: string; value: unknown; tags: string[] }): Promise<Answer> {
  const row = await tx.get<VariableRow>(
    `insert into variable (id, created, updated, name, value, tags) values (?, ?, ?, ?, ?, ?)
     on conflict (name) do nothing returning *`,
    [tx.newId(), tx.nowUs, tx.nowUs, args.name, JSON.stringify(args.value), JSON.stringify(args.tags)],
  )
  if (!row) throw httpError(409, `A variable with the name '${args.name}' already exists.`)
  await emitVariableEvent(tx, 'created', row)
  return created(encodeVariable(row, tx.nowUs))
}

async function updateVariable(
  tx: Tx,
  args: { key: VariableKey; changes: { name?: string | null; value?: unknown; tags?: string[] | null } },
): Promise<Answer> {
  const { changes } = args
  const assignments: string[] = []
  const params: SqlParam[] = []
  const assign = (column: string, value: SqlParam): void => {
    assignments.push(`${column} = ?, `)
    params.push(value)
  }
  if ('name' in changes) assign('name', changes.name ?? null)
  if ('value' in changes) assign('value', JSON.stringify(changes.value))
  if ('tags' in changes) assign('tags', changes.tags ? JSON.stringify(changes.tags) : null)
  const [column, value] = where(args.key)
  const row = await tx.get<VariableRow>(
    `update variable set ${assignments.join('')}updated = ? where ${column} = ? returning *`,
    [...params, tx.nowUs, value],
  )
  if (!row) throw notFound()
  await emitVariableEvent(tx, 'updated', row)
  return noContent()
}

async function deleteVariable(tx: Tx, args: { key: VariableKey }): Promise<Answer> {
  const [column, value] = where(args.key)
  const row = await tx.get<VariableRow>(`delete from variable where ${column} = ? returning *`, [value])
  if (!row) throw notFound()
  await emitVariableEvent(tx, 'deleted', row)
  return noContent()
}

function where(key: VariableKey): ['id' | 'name', string] {
  return 'id' in key ? ['id', key.id] : ['name', key.name]
}

function notFound(): AppError {
  return httpError(404, 'Variable not found.')
}

async function emitVariableEvent(tx: Tx, what: 'created' | 'updated' | 'deleted', row: VariableRow): Promise<void> {
  await tx.emit({
    event: `prefect.variable.${what}`,
    resource: { 'prefect.resource.id': `prefect.variable.${row.id}`, 'prefect.resource.name': row.name },
    payload: {
      name: row.name,
      value: parseExactJson(row.value ?? 'null'),
      tags: JSON.parse(row.tags) as string[],
    },
  })
}

export const variableCommands = { createVariable, updateVariable, deleteVariable }
