import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import { normalizeUuid } from '@spillway/core/wire/ids'
import { compileBody, compileParameters } from '@spillway/core/wire/request'
import { invalidRequest } from '@spillway/core/wire/request-errors'
import type { Validation, ValidationError } from '@spillway/core/wire/validate'
import { AppError } from '../errors.ts'
import type { Route, RouteContext, RouteReply } from '../routes/route.ts'
import type { Admission } from './admission.ts'
import { PeerGoneError, readBody, type BodyBudget } from './body.ts'
import { parseJsonBody } from './json-body.ts'
import { isPathUuid } from './paths.ts'
import { checkApiVersion, readClientVersion } from './request-head.ts'
import { workOf, type Work } from './work-class.ts'

/** A row of the route table made ready. */
export interface MountedRoute {
  readonly row: Route
  /** What the admission has to know of its requests; undefined for those that are always let in. */
  readonly work: Work | undefined
  /** Answers a request whose path matched; undefined when a parameter of kind uuid is none, and so the path does not match after all. */
  answer(request: IncomingMessage, params: Record<string, string>, query: string, baseUrl: string): Promise<RouteReply | undefined>
}

interface Checks {
  params: ((given: Readonly<Record<string, unknown>>) => Validation<unknown>) | undefined
  body: ((body: unknown) => Validation<unknown>) | undefined
  query: ((given: Readonly<Record<string, unknown>>) => Validation<unknown>) | undefined
  headers: ((given: Readonly<Record<string, unknown>>) => Validation<unknown>) | undefined
}

/** Compiles a row: a place is taken, params, query and body are checked by the row's schemas, then its handler answers. */
export function mountRoute(row: Route, context: RouteContext, bodies: BodyBudget, admission: Admission): MountedRoute {
  const { limits } = context
  const work = workOf(row)
  // Compiled at the first request: most routes of a process are never called, and start-up is quicker.
  let checks: Checks | undefined
  const uuids = Object.entries(row.params ?? {}).flatMap(([name, kind]) => (kind === 'uuid' ? [name] : []))
  const bodyLimit = row.bodyLimit ?? 'bodyBytes'
  return {
    row,
    work,
    async answer(request, params, queryText, baseUrl) {
      for (const name of uuids) {
        const text = params[name] ?? ''
        if (!isPathUuid(text)) return undefined
        params[name] = normalizeUuid(text) ?? text
      }
      const { headers } = request
      const apiVersion = row.isPlain ? null : checkApiVersion(headerText(headers, 'x-prefect-api-version'))
      checks ??= compileChecks(row, context)
      const raw = checks.body ? await readBody(request, bodyLimit, limits[bodyLimit], bodies) : undefined
      let isIn = false
      try {
        // Only now: a body that comes slowly must not hold a place.
        const place = work && admission.enter(work)
        if (place) await place
        isIn = true
        if (request.socket.destroyed) throw new PeerGoneError()
        const checked = check(checks, { params, queryText, headers, raw, jsonDepth: limits.jsonDepth })
        return await row.handle(
          {
            params: checked.params as never,
            query: checked.query as never,
            declaredHeaders: checked.headers as never,
            body: checked.body as never,
            rawBody: raw,
            headers,
            clientVersion: readClientVersion(headers['user-agent']),
            apiVersion,
            baseUrl,
          },
          context,
        )
      } finally {
        if (work && isIn) admission.leave(work)
        if (raw) bodies.giveBack(raw.byteLength)
      }
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
  const checked = Object.entries(row.params ?? {}).flatMap(([name, kind]) => (typeof kind === 'string' ? [] : [[name, kind] as const]))
  return {
    params: checked.length > 0 ? compileParameters('path', Object.fromEntries(checked)) : undefined,
    body: row.body && compileBody(row.body, { applyDefaults: row.keepAbsent ? 'nested' : true, unknownFields, onUnknown }),
    query: row.query && compileParameters('query', row.query),
    headers: row.headers && compileParameters('header', row.headers),
  }
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

interface Received {
  params: Readonly<Record<string, string>>
  queryText: string
  headers: IncomingHttpHeaders
  raw: Buffer | undefined
  jsonDepth: number
}

/** @throws 422 with all that is wrong with any part. */
function check(checks: Checks, { params, queryText, headers, raw, jsonDepth }: Received): Record<keyof Checks, unknown> {
  const errors: ValidationError[] = []
  const take = (result: Validation<unknown>): unknown => {
    if (result.ok) return result.value
    errors.push(...result.errors)
    return undefined
  }
  const out: Record<keyof Checks, unknown> = { params, query: {}, headers: {}, body: undefined }
  if (checks.params) out.params = { ...params, ...(take(checks.params(params)) as object | undefined) }
  if (checks.query) out.query = take(checks.query(lastValues(queryText)))
  if (checks.headers) out.headers = take(checks.headers(headers))
  let parsed: unknown
  if (checks.body) {
    parsed = isJsonType(headers['content-type']) ? parseJsonBody(raw, jsonDepth) : raw?.toString('utf8')
    out.body = take(checks.body(parsed))
  }
  if (errors.length > 0) throw new AppError(422, invalidRequest(errors, parsed))
  return out
}

/** A body without a type counts as JSON; one of another type is a text, which no schema of a body takes. */
function isJsonType(header: string | undefined): boolean {
  if (header === undefined) return true
  const type = header.replace(/;.*$/s, '').trim().toLowerCase()
  return type === 'application/json' || /^application\/[^/]+\+json$/.test(type)
}

/** Of a parameter that is given twice the last one counts. */
function lastValues(queryText: string): Record<string, string | undefined> {
  const given = parseQuery(queryText, '&', '=', { maxKeys: 100 })
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]))
}
