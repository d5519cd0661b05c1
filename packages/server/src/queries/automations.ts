import { objectNotFound } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { columnLeaf, compileFilter, tagsLeaf, timeLeaf, type Filter } from '../storage/filters/condition.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeAutomation, type AutomationRow } from '../storage/rows/automations.ts'

const orders = {
  CREATED_DESC: 'created desc, id desc',
  UPDATED_DESC: 'updated desc, id desc',
  NAME_ASC: 'name, id',
  NAME_DESC: 'name desc, id desc',
} as const

const leaves = {
  id: columnLeaf('automation.id'),
  name: columnLeaf('automation.name'),
  created: timeLeaf('automation.created'),
  tags: tagsLeaf('automation.tags'),
}

async function readAutomation(sql: Sql, args: { id: string }): Promise<Answer> {
  const row = await sql.get<AutomationRow>('select * from automation where id = ?', [args.id])
  if (!row) throw objectNotFound('Automation not found')
  return ok(encodeAutomation(row, sql.nowUs))
}

async function listAutomations(
  sql: Sql,
  args: { automations: Filter | null; sort: keyof typeof orders; page: Page },
): Promise<Answer> {
  const where = compileFilter(args.automations, leaves)
  const rows = await sql.all<AutomationRow>(
    `select * from automation where ${where.text} order by ${orders[args.sort]} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(rows.map((row) => encodeAutomation(row, sql.nowUs))))
}

async function countAutomations(sql: Sql, args: { automations: Filter | null }): Promise<Answer> {
  const where = compileFilter(args.automations, leaves)
  const row = await sql.get<{ n: number }>(`select count(*) as n from automation where ${where.text}`, where.params)
  return ok(String(row?.n ?? 0))
}

/** Automations that the resource owns, or that act on it by selection. */
async function listAutomationsRelatedTo(sql: Sql, args: { resourceId: string }): Promise<Answer> {
  const rows = await sql.all<AutomationRow>(
    `select a.* from automation a join automation_related_resource r on r.automation_id = a.id
     where r.resource_id = ? order by a.created, a.id limit 10000`,
    [args.resourceId],
  )
  return ok(jsonArray(rows.map((row) => encodeAutomation(row, sql.nowUs))))
}

export const automationQueries = { readAutomation, listAutomations, countAutomations, listAutomationsRelatedTo }
