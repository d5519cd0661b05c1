import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import { isUuid, normalizeUuid } from '@spillway/core/wire/ids'
import { compileBody, compileParameters } from '@spillway/core/wire/request'
import { invalidRequest } from '@spillway/core/wire/request-errors'
import type { Validation, ValidationError } from '@spillway/core/wire/validate'
import { AppError } from '../errors.ts'
import type { Route, RouteContext, RouteReply } from '../routes/route.ts'
import { readBody } from './body.ts'
import { parseJsonBody } from './json-body.ts'
import { checkApiVersion, readClientVersion } from './request-head.ts'

/** A row of the route table made ready: its checks are compiled once, at start. */
export interface MountedRoute {
  readonly row: Route
  /** Answers a request whose path matched; undefined when a parameter of kind uuid is none, and so the path does not match after all. */
  answer(request: IncomingMessage, params: Record<string, string | undefined>, query: string, baseUrl: string): Promise<RouteReply | undefined>
}

interface Checks {
  body: ((body: unknown) => Validation<unknown>) | undefined
  query: ((given: Readonly<Record<string, unknown>>) => Validation<unknown>) | undefined
}

/** Compiles a row: params, query and body are checked by the row's schemas, then its handler answers. */
export function mountRoute(row: Route, context: RouteContext): MountedRoute {
  const { limits } = context
  const checks = compileChecks(row, context)
  const uuids = Object.entries(row.params ?? {}).flatMap(([name, kind]) => (kind === 'uuid' ? [name] : []))
  const bodyBytes = row.bodyBytes?.(limits) ?? limits.bodyBytes
  return {
    row,
    async answer(request, given, queryText, baseUrl) {
      const params = given as Record<string, string>
      for (const name of uuids) {
        const text = params[name] ?? ''
        if (!isUuid(text)) return undefined
        params[name] = normalizeUuid(text) ?? text
      }
      const { headers } = request
      const apiVersion = checkApiVersion(headerText(headers, 'x-prefect-api-version'))
      const raw = checks.body ? await readBody(request, bodyBytes) : undefined
      const { query, body } = check(checks, queryText, raw, limits.jsonDepth)
      return row.handle(
        {
          params: params as never,
          query: query as never,
          body: body as never,
          headers,
          clientVersion: readClientVersion(headers['user-agent']),
          apiVersion,
          baseUrl,
        },
        context,
      )
    },
  }
}

function compileChecks(row: Route, { settings, metrics, log }: RouteContext): Checks {
  const warned = new Set<string>()
  const onUnknown = (loc: readonly (string | number)[]): void => {
    metrics.unknownFields.inc({ route: row.path })
    const field = loc.filter((part) => typeof part === 'string').join('.')
    if (warned.size >= 100 || warned.has(field)) return
    warned.add(field)
    log.info({ route: row.path, field }, 'ignored a request field that this version does not know')
  }
  const unknownFields = settings.strictFields ? 'forbid' : 'tolerate'
  return {
    body: row.body && compileBody(row.body, { applyDefaults: row.keepAbsent ? 'nested' : true, unknownFields, onUnknown }),
    query: row.query && compileParameters('query', row.query),
  }
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function check(checks: Checks, queryText: string, raw: Buffer | undefined, jsonDepth: number): { query: unknown; body: unknown } {
  const errors: ValidationError[] = []
  let query: unknown = {}
  if (checks.query) {
    const result = checks.query(lastValues(queryText))
    if (result.ok) query = result.value
    else errors.push(...result.errors)
  }
  let body: unknown
  let parsed: unknown
  if (checks.body) {
    parsed = parseJsonBody(raw, jsonDepth)
    const result = checks.body(parsed)
    if (result.ok) body = result.value
    else errors.push(...result.errors)
  }
  if (errors.length > 0) throw new AppError(422, invalidRequest(errors, parsed))
  return { query, body }
}

/** Of a parameter that is given twice the last one counts. */
function lastValues(queryText: string): Record<string, string | undefined> {
  const given = parseQuery(queryText, '&', '=', { maxKeys: 100 })
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]))
}
