import { jsonObject } from '@spillway/core/wire/schema'
import { blockCatalogue } from '../block-catalogue.ts'
import { httpError } from '../errors.ts'
import { workerTypes } from '../worker-types.ts'
import { route, type Route } from './route.ts'

function blockView(): unknown {
  const types = blockCatalogue.map(({ slug, name, description, isProtected, fields, checksum, capabilities }) => [
    slug,
    {
      name,
      slug,
      description,
      logo_url: null,
      documentation_url: null,
      code_example: null,
      is_protected: isProtected,
      block_schema: { checksum, fields, capabilities },
    },
  ])
  return { prefect: { block_types: Object.fromEntries(types) as unknown } }
}

/** What clients know as the registry of collections; this server carries its own. */
const views: Readonly<Record<string, () => string>> = {
  'aggregate-worker-metadata': encodedOnce(() => workerTypes),
  'aggregate-block-metadata': encodedOnce(blockView),
  'aggregate-flow-metadata': encodedOnce(() => ({})),
  'demo-flows': encodedOnce(() => ({})),
}

function encodedOnce(make: () => unknown): () => string {
  let json: string | undefined
  return () => (json ??= JSON.stringify(make()))
}

export const collectionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/collections/views/{view}',
    operationId: 'read_view_content_collections_views__view__get',
    tag: 'Collections',
    params: { view: 'text' },
    replies: { 200: jsonObject() },
    handle({ params }) {
      const view = Object.hasOwn(views, params.view) ? views[params.view] : undefined
      if (!view) throw httpError(404, `View ${params.view} not found in registry`)
      return { status: 200, json: view() }
    },
  }),
]
