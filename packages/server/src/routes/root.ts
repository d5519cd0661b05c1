import { any, boolean, text, type TSchema } from '@spillway/core/wire/schema'
import { apiVersion } from '../versions.ts'
import { route, type Route, type RouteReply } from './route.ts'

function fixed(value: unknown): () => RouteReply {
  const json = JSON.stringify(value)
  return () => ({ status: 200, json })
}

function simple(path: string, operationId: string, reply: TSchema, value: unknown, isPlain = false): Route {
  return route({ method: 'GET', path, operationId, tag: 'Root', isPlain, workClass: 'none', replies: { 200: reply }, handle: fixed(value) })
}

/** Health and the API's version. */
export const rootRoutes: readonly Route[] = [
  simple('/health', 'health_check_health_get', boolean(), true, true),
  simple('/version', 'server_version_version_get', text(), apiVersion, true),
  simple('/hello', 'hello_hello_get', text(), '👋'),
  route({
    method: 'GET',
    path: '/ready',
    operationId: 'perform_readiness_check_ready_get',
    tag: 'Root',
    replies: { 200: any() },
    workClass: 'none',
    handle: (_request, { readiness }) =>
      readiness.isReady
        ? { status: 200, json: '{"message":"OK"}' }
        : { status: 503, json: '{"message":"Database is not available"}', headers: { 'retry-after': '2' } },
  }),
  route({
    method: 'GET',
    path: '/metrics',
    operationId: 'read_metrics_metrics_get',
    tag: 'Root',
    replies: { 200: text() },
    workClass: 'none',
    handle: (_request, { metrics: { registry } }) => ({ status: 200, contentType: registry.contentType, text: registry.metrics() }),
  }),
]
