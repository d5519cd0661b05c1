import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeSavedSearch, type SavedSearchRow } from '../storage/rows/saved-searches.ts'

async function readSavedSearch(sql: Sql, args: { id: string }): Promise<Answer> {
  const row = await sql.get<SavedSearchRow>('select * from saved_search where id = ?', [args.id])
  if (!row) throw httpError(404, 'Saved search not found')
  return ok(encodeSavedSearch(row, sql.nowUs))
}

async function listSavedSearches(sql: Sql, args: { page: Page }): Promise<Answer> {
  const rows = await sql.all<SavedSearchRow>('select * from saved_search order by name limit ? offset ?', [
    args.page.limit,
    args.page.offset,
  ])
  return ok(jsonArray(rows.map((row) => encodeSavedSearch(row, sql.nowUs))))
}

export const savedSearchQueries = { readSavedSearch, listSavedSearches }
