import { buildOpenApi } from '@spillway/core/wire/openapi'
import { jsonObject } from '@spillway/core/wire/schema'
import { prefectVersion } from '../versions.ts'
import { route, type Route } from './route.ts'

/** The document of these routes as JSON, made when it is first asked for. */
export function openApiText(rows: readonly Route[], prefix: string): () => string {
  let text: string | undefined
  return () => {
    text ??= JSON.stringify(
      buildOpenApi(
        rows.map((row) => ({ ...row, path: prefix + row.path })),
        { title: 'Spillway', version: prefectVersion, description: "The API of Prefect 3, as Spillway answers it." },
      ),
    )
    return text
  }
}

/** The routes and one more, which describes them. */
export function withOpenApi(rows: readonly Route[]): readonly Route[] {
  const text = openApiText(rows, '')
  return [
    ...rows,
    route({
      method: 'GET',
      path: '/openapi.json',
      operationId: 'read_openapi_document',
      tag: 'Root',
      replies: { 200: jsonObject() },
      handle: () => ({ status: 200, json: text() }),
    }),
  ]
}
