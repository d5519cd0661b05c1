import { askingRoutes, contentOfRoutes } from './generated/route-notes.ts'
import type { Routes } from './generated/routes.ts'
import type { CallOptions } from './rest.ts'
import type { HttpMethod } from './transport.ts'

/** A route of the API by its method and path, such as `'GET /flow_runs/{id}'`. */
export type RouteName = keyof Routes

/** What a route is given: `path`, `query`, `headers` and `body`, as far as it has them. */
export type RequestOf<Route extends RouteName> = Routes[Route]['request']

/** The body that a route takes; `never` for one that takes none. */
export type BodyOf<Route extends RouteName> = 'body' extends keyof RequestOf<Route> ? NonNullable<RequestOf<Route>['body']> : never

/** What a route answers. */
export type AnswerOf<Route extends RouteName> = Routes[Route]['answer']

/** The arguments after a route's name. Its request may be left out where all parts of it may. */
export type RequestArguments<Route extends RouteName> =
  Record<never, never> extends RequestOf<Route> ? [request?: RequestOf<Route>, options?: CallOptions] : [request: RequestOf<Route>, options?: CallOptions]

/** A request of any route, before anybody knows which. */
export interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  readonly headers?: Readonly<Record<string, string | boolean | null | undefined>>
  readonly body?: unknown
}

/** What is sent for a request of a route, and how: what only asks may be repeated, though it is a POST. */
export function callOf(route: RouteName, { path = {}, query = {}, headers = {}, body }: AnyRequest): { method: HttpMethod; path: string; body: unknown; options: CallOptions } {
  const space = route.indexOf(' ')
  const method = route.slice(0, space) as HttpMethod
  const filled = route.slice(space + 1).replaceAll(/\{(\w+)\}/g, (_place, name: string) => encodeURIComponent(segment(route, name, path[name])))
  const asked = new URLSearchParams(given(query)).toString()
  return {
    method,
    path: asked === '' ? filled : `${filled}?${asked}`,
    body,
    options: { repeatable: method !== 'POST' || askingRoutes.has(route), content: contentOfRoutes[route] ?? 'json', headers: Object.fromEntries(given(headers)) },
  }
}

/** An empty segment, or one of dots, would make it another route. */
function segment(route: RouteName, name: string, value: string | undefined): string {
  if (value === undefined || value === '' || value === '.' || value === '..') throw new TypeError(`${route}: '${String(value)}' cannot stand for {${name}} in the path`)
  return value
}

function given(parameters: Readonly<Record<string, string | number | boolean | null | undefined>>): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, String(value)]]))
}
