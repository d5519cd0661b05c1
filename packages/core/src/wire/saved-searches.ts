import {
  absentIsNull,
  any,
  bodyParameters,
  dateTime,
  emptyList,
  integer,
  list,
  model,
  nullable,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const SavedSearchFilter = model('SavedSearchFilter', {
  object: text(),
  property: text(),
  type: text(),
  operation: text(),
  value: any(),
})
export type SavedSearchFilter = Static<typeof SavedSearchFilter>

export const SavedSearch = model('SavedSearch', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: text(),
  filters: list(SavedSearchFilter, { makeDefault: emptyList }),
})
export type SavedSearch = Static<typeof SavedSearch>

export const SavedSearchCreate = strictModel('SavedSearchCreate', {
  name: text(),
  filters: list(SavedSearchFilter, { makeDefault: emptyList }),
})
export type SavedSearchCreate = Static<typeof SavedSearchCreate>

export const ReadSavedSearchesBody = bodyParameters('Body_read_saved_searches_saved_searches_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadSavedSearchesBody = Static<typeof ReadSavedSearchesBody>
