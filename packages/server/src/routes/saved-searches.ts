import { ReadSavedSearchesBody, SavedSearch, SavedSearchCreate } from '@spillway/core/wire/saved-searches'
import { list } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import { route, type Route } from './route.ts'

const tag = 'SavedSearches'

export const savedSearchRoutes: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/saved_searches/',
    operationId: 'create_saved_search_saved_searches__put',
    tag,
    body: SavedSearchCreate,
    replies: { 201: SavedSearch, 200: SavedSearch },
    handle: ({ body }, { store }) => store.write('saveSearch', { name: body.name, filters: body.filters }),
  }),
  route({
    method: 'GET',
    path: '/saved_searches/{id}',
    operationId: 'read_saved_search_saved_searches__id__get',
    tag,
    params: { id: 'uuid' },
    replies: { 200: SavedSearch },
    handle: ({ params }, { store }) => store.read('readSavedSearch', { id: params.id }),
  }),
  route({
    method: 'POST',
    path: '/saved_searches/filter',
    operationId: 'read_saved_searches_saved_searches_filter_post',
    tag,
    body: ReadSavedSearchesBody,
    replies: { 200: list(SavedSearch) },
    workClass: 'read',
    handle: ({ body }, { store, settings }) =>
      store.read('listSavedSearches', { page: readPage(body, settings.defaultLimit) }),
  }),
  route({
    method: 'DELETE',
    path: '/saved_searches/{id}',
    operationId: 'delete_saved_search_saved_searches__id__delete',
    tag,
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteSavedSearch', { id: params.id }),
  }),
]
