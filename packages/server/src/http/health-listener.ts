import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { StartupError } from '../errors.ts'
import type { RouteContext } from '../routes/route.ts'

/** A second listener that serves only health, readiness and metrics, so that probes need neither the API's port nor its password. */
export async function startHealthListener(
  { host, port }: { host: string; port: number },
  context: RouteContext,
): Promise<{ port: number; close(): Promise<void> }> {
  const { limits, settings } = context
  // As on the other listener: a probe that keeps its connection must not meet its end in mid-request.
  const keepAliveTimeout = Math.max(settings.keepAliveSeconds * 1000, 30_000)
  const server = createServer({ headersTimeout: limits.headersTimeoutMs, keepAliveTimeout }, (request, response) => {
    void answer(request.url ?? '/', context).then(({ status, type, text }) => {
      response.writeHead(status, { 'content-type': type }).end(text)
    })
  })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new StartupError(`Cannot listen on SPILLWAY_HEALTH_LISTEN=${host}:${port}: ${(error as Error).message}`, 'Choose a free address.', { cause: error })
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(url: string, context: RouteContext): Promise<{ status: number; type: string; text: string }> {
  const path = url.replace(/\?.*$/, '').replace(/^\/api\//, '/')
  if (path === '/health') return { status: 200, type: 'application/json', text: 'true' }
  if (path === '/ready') {
    const ready = context.readiness.isReady
    return { status: ready ? 200 : 503, type: 'application/json', text: JSON.stringify({ message: ready ? 'OK' : 'Database is not available' }) }
  }
  if (path === '/metrics') return { status: 200, type: context.metrics.registry.contentType, text: context.metrics.registry.metrics() }
  return { status: 404, type: 'application/json', text: '{"detail":"Not Found"}' }
}
