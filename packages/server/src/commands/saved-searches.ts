import { httpError } from '../errors.ts'
import { createdOrExisting, noContent } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { encodeSavedSearch, type SavedSearchRow } from '../storage/rows/saved-searches.ts'

/** Saves a search under its name, in the place of the one that had it. */
async function saveSearch(tx: Tx, args: { name: string; filters: unknown[] }): Promise<Answer> {
  const row = await tx.get<SavedSearchRow>(
    `insert into saved_search (id, created, updated, name, filters) values (?, ?, ?, ?, ?)
     on conflict (name) do update set updated = excluded.updated, filters = excluded.filters returning *`,
    [tx.newId(), tx.nowUs, tx.nowUs, args.name, JSON.stringify(args.filters)],
  )
  return createdOrExisting(row!.created === tx.nowUs, encodeSavedSearch(row!, tx.nowUs))
}

async function deleteSavedSearch(tx: Tx, args: { id: string }): Promise<Answer> {
  if ((await tx.run('delete from saved_search where id = ?', [args.id])) === 0) {
    throw httpError(404, 'Saved search not found')
  }
  return noContent()
}

export const savedSearchCommands = { saveSearch, deleteSavedSearch }
