import { createRoutes } from '@spillway/server/routes/index'
import { openApiText } from '@spillway/server/routes/openapi'
import type { Document } from './compare.ts'

/** Routes that are described and never called, so they need no server behind them. */
export function describedRoutes(): ReturnType<typeof createRoutes> {
  const nothing = {} as never
  return createRoutes(nothing, nothing)
}

/** What the server says of its routes at `/openapi.json`, as the committed file holds it. */
export function committedForm(): string {
  const document: unknown = JSON.parse(openApiText(describedRoutes(), '/api')())
  return `${JSON.stringify(document, null, 1)}\n`
}

/** The same with paths as the API itself counts them, which is how Prefect's document has them. */
export function ourDocument(): Document {
  return JSON.parse(openApiText(describedRoutes(), '')()) as Document
}

if (import.meta.main) process.stdout.write(committedForm())
