import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { newUuid7 } from '@spillway/core/wire/ids'
import { AppError, httpError, LimitError, shed, shedAnswer } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Route, RouteContext } from '../routes/route.ts'
import { isAuthorized } from '../access/auth.ts'
import { clientAddress, clientBaseUrl } from '../access/forwarded.ts'
import { isStreamTicketValid } from '../access/stream-tickets.ts'
import type { Admission } from './admission.ts'
import { BodyBudget, PeerGoneError } from './body.ts'
import { capConnectionsByAddress, LastWords } from './connections.ts'
import { answerFor } from './errors.ts'
import { asksForWebsocket, LostUpgrades } from './lost-upgrade.ts'
import { mountRoute, type MountedRoute } from './mount.ts'
import { hasSeveralHosts, hostName, isHostAllowed, isOriginAllowed, type HostRules } from '../access/origin.ts'
import type { AnswerPage } from './pages.ts'
import { PathTable } from './paths.ts'
import { errorScope } from '../stray-errors.ts'
import { Router } from './router.ts'
import { send, type Outgoing } from './send.ts'
import { UnreadAnswers } from './unread-answers.ts'

export interface HttpParts {
  context: RouteContext
  routes: readonly Route[]
  hostRules: HostRules
  admission: Admission
  /** Checks the two CSRF headers of a mutating request; throws 403. Undefined when CSRF protection is off. */
  checkCsrf: ((headers: IncomingHttpHeaders) => Promise<void>) | undefined
  answerPage: AnswerPage
}

const json = 'application/json'

/**
 * The HTTP server, on `node:http` itself: the limits of the fault catalogue (C), the checks that come before any route, the
 * route table, and one place that answers errors.
 */
export function createHttpServer({ context, routes, hostRules, admission, checkCsrf, answerPage }: HttpParts): Server {
  const { limits, settings, metrics, log } = context
  const base = settings.basePath
  const paths = new PathTable(routes, base)
  const router = new Router<MountedRoute>(limits.pathParamBytes)
  const bodies = new BodyBudget(limits.bodiesBytes)
  const unread = new UnreadAnswers(limits, (limit) => metrics.limitReached.inc({ limit }))
  const lostUpgrades = new LostUpgrades(metrics, log)
  for (const row of routes) router.add(row.method, base + row.path, mountRoute(row, context, bodies, admission))

  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckEveryMs,
      // Longer than the stock client's 25 s and a usual proxy's 60 s, or the two race and a request is reset.
      keepAliveTimeout: Math.max(settings.keepAliveSeconds * 1000, limits.keepAliveLeastMs),
      maxHeaderSize: limits.headerBytes,
      noDelay: true,
      // Whoever offers another protocol (h2c) is answered in HTTP/1.1, which is how the offer is declined.
      shouldUpgradeCallback: asksForWebsocket,
    },
    (request, response) => {
      const scope = { fail: () => failAnswer(request, response) }
      errorScope.run(scope, () => void handle(request, response))
    },
  )
  const lastWords = new LastWords()
  const refusedSockets = new WeakSet<Duplex>()
  /** Sockets whose request head is whole: what is late on them is the body. */
  const underWay = new WeakSet<Duplex>()
  server.maxConnections = limits.connections
  server.on('connection', () => admission.connectionCame())
  server.on('drop', () => metrics.limitReached.inc({ limit: 'connections' }))
  const isProxy = (address: string): boolean => settings.trustedProxies.includes(address)
  capConnectionsByAddress(server, limits.connectionsPerAddress, isProxy, () => metrics.limitReached.inc({ limit: 'connectionsPerAddress' }))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (refusedSockets.has(socket)) return
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    refusedSockets.add(socket)
    const overflow = error.code === 'HPE_HEADER_OVERFLOW'
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    if (overflow) metrics.limitReached.inc({ limit: 'headerBytes' })
    else if (late) metrics.limitReached.inc({ limit: underWay.has(socket) ? 'requestTimeoutMs' : 'headersTimeoutMs' })
    else metrics.malformedRequests.inc()
    if (error.code === 'HPE_PAUSED_H2_UPGRADE') lostUpgrades.noteHttp2()
    const status = overflow ? '431 Request Header Fields Too Large' : late ? '408 Request Timeout' : '400 Bad Request'
    lastWords.say(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: ${json}\r\nContent-Length: 2\r\n\r\n{}`)
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now()
    const method = request.method ?? 'GET'
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const id = cleanRequestId(request.headers['x-request-id']) ?? newUuid7(Date.now())
    const client = clientAddress(request, settings.trustedProxies)
    const found = router.find(method, path)
    const mounted = found?.value
    // Node's parser loses what comes in one packet behind a declined offer, and swallows the faults of what comes after it.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    const refused = mounted?.work && admission.refuses(mounted.work)
    // A page of another origin may read the refusal only with the headers that its check adds.
    if (mounted && refused && request.headers.origin === undefined) return refuse(request, response, mounted.row, id, refused === 'drain')
    let answer: Outgoing | undefined
    response.setHeader('x-request-id', id)
    metrics.requestsUnderWay.inc()
    underWay.add(request.socket)
    response.once('close', () => {
      underWay.delete(request.socket)
      metrics.requestsUnderWay.dec()
      const durationMs = performance.now() - startedMs
      const route = mounted?.row.path ?? 'none'
      // A stream lasts as long as its peer likes.
      if (!answer?.takeOver) metrics.requestDuration.observe({ method, route, status: response.statusCode }, durationMs / 1000)
      // The route, not the path: names and ids of a request stay out of the log, and so does its query.
      log.debug({ requestId: id, client, method, route, status: response.statusCode, durationMs: Math.round(durationMs) }, 'answered')
    })
    try {
      answer =
        checkBefore(request, response, method, path, mark < 0 ? '' : url.slice(mark + 1)) ??
        (refused ? letGo(refused) : undefined) ??
        (checkCsrf && isMutating(method) && path.startsWith(`${base}/`) ? await checkCsrf(request.headers) : undefined) ??
        (mounted && found
          ? await answerRoute(mounted, request, found.params, mark < 0 ? '' : url.slice(mark + 1), path, method)
          : await answerMiss(request, method, path, url))
    } catch (error) {
      if (error instanceof PeerGoneError) return
      if (error instanceof LimitError) metrics.limitReached.inc({ limit: error.limit })
      const { status, json: text, headers } = answerFor(error, { id, method, path }, log)
      answer = { status, contentType: json, text, headers }
    }
    // Whoever keeps the connection would send the next request into its end.
    if (admission.isDraining) response.shouldKeepAlive = false
    await send(request, response, answer, unread)
    // A body that nobody reads would stay in the connection's way.
    if (!request.complete) request.resume()
  }

  /** The short way out for what the admission does not let in: as little as can be done for a request that nothing is done for. */
  function refuse(request: IncomingMessage, response: ServerResponse, row: Route, id: string, isDraining: boolean): void {
    const { status, json: text, headers } = shedAnswer(isDraining)
    metrics.requestDuration.observe({ method: row.method, route: row.path, status }, 0)
    underWay.add(request.socket)
    // Node reads on past the body that nobody wants.
    response.writeHead(status, [...headers, 'x-request-id', id, 'content-type', json, 'content-length', String(text.length)]).end(text)
  }

  async function answerRoute(
    mounted: MountedRoute,
    request: IncomingMessage,
    params: Record<string, string>,
    query: string,
    path: string,
    method: string,
  ): Promise<Outgoing> {
    const reply = await mounted.answer(request, params, query, clientBaseUrl(request, settings.trustedProxies))
    if (!reply) return answerMiss(request, method, path, path)
    if ('takeOver' in reply) return { status: 200, contentType: undefined, text: '', takeOver: reply.takeOver }
    return 'json' in reply ? { status: reply.status, contentType: json, text: reply.json, headers: reply.headers } : reply
  }

  /** Another method, the other slash form, a page outside the API, or nothing. */
  async function answerMiss(request: IncomingMessage, method: string, path: string, url: string): Promise<Outgoing> {
    const baseUrl = clientBaseUrl(request, settings.trustedProxies)
    if (!path.startsWith(`${base}/`)) {
      const page = await answerPage({ method, path, headers: request.headers, baseUrl })
      if (page) return page
    }
    const miss = paths.explainMiss(path, method)
    if (miss.kind === 'parameter') metrics.limitReached.inc({ limit: 'pathParamBytes' })
    if (miss.kind === 'method') {
      return { status: 405, contentType: json, text: '{"detail":"Method Not Allowed"}', headers: { allow: miss.allow } }
    }
    if (miss.kind === 'redirect') {
      return { status: 307, contentType: undefined, text: '', headers: { location: baseUrl + miss.path + url.slice(path.length) } }
    }
    return { status: 404, contentType: json, text: '{"detail":"Not Found"}' }
  }

  /** Host, origin and password. @returns an answer when the request ends here. */
  function checkBefore(request: IncomingMessage, response: ServerResponse, method: string, path: string, query: string): Outgoing | undefined {
    const { host, origin } = request.headers
    if (hasSeveralHosts(request.rawHeaders)) throw httpError(400, 'More than one Host header.', { connection: 'close' })
    if (!isHostAllowed(host, hostRules)) {
      throw httpError(403, `The host name '${hostName(host ?? '')}' is not allowed here. Set SPILLWAY_ALLOWED_HOSTS to allow it.`)
    }
    const preflight = origin === undefined ? undefined : checkOrigin(origin, request, response, method)
    if (preflight) return preflight
    // Before the password: on a websocket it comes in a message, so this request has none.
    if (method === 'GET' && path.startsWith(`${base}/`)) lostUpgrades.check(request, path.slice(base.length))
    const isLetIn = isOpen(path, base, method) || isAuthorized(request.headers.authorization, settings.authString)
    if (!isLetIn && !hasStreamTicket(method, path, query)) {
      throw new AppError(401, { exception_message: 'Unauthorized' })
    }
    return undefined
  }

  /** Browsers can set no header on an event stream: a ticket in its address opens it, and nothing else. */
  function hasStreamTicket(method: string, path: string, query: string): boolean {
    if (method !== 'GET' || !/^\/spillway\/(events|logs)\/stream$/.test(path.slice(base.length))) return false
    const ticket = new URLSearchParams(query).get('ticket')
    return ticket !== null && isStreamTicketValid(ticket, settings.authString, Date.now())
  }

  /** Foreign pages may read only what the operator allowed, and may never write: see origin.ts. */
  function checkOrigin(origin: string, request: IncomingMessage, response: ServerResponse, method: string): Outgoing | undefined {
    const { headers } = request
    const listed = settings.corsOrigins === '*' ? undefined : settings.corsOrigins.split(',').map((part) => part.trim())
    const allowed = listed ? listed.includes(origin) : isOriginAllowed(origin, headers.host, hostRules) || !hostRules.loopbackOnly
    if (!allowed) {
      if (!isMutating(method)) return undefined
      throw httpError(403, `Requests from pages of ${origin} are not allowed here. Set PREFECT_SERVER_CORS_ALLOWED_ORIGINS to allow them.`)
    }
    response.setHeader('access-control-allow-origin', listed ? origin : '*')
    if (listed) response.setHeader('vary', 'Origin')
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined
    return {
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      text: 'OK',
      headers: {
        'access-control-allow-methods': settings.corsMethods === '*' ? 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT' : settings.corsMethods,
        'access-control-allow-headers': settings.corsHeaders === '*' ? (headers['access-control-request-headers'] ?? '*') : settings.corsHeaders,
        'access-control-max-age': '600',
      },
    }
  }
  return server
}

/** The request whose code threw where nothing catches: it is answered if that is still possible, else its connection ends. */
function failAnswer(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) {
    if (!response.writableFinished) request.socket.destroy()
    return
  }
  response.writeHead(500, { 'content-type': json, connection: 'close' }).end('{"exception_message":"Internal Server Error"}')
}

function letGo(refused: keyof Limits | 'drain'): never {
  throw shed('too many requests are waiting', { isMaintenance: refused === 'drain' })
}

function isMutating(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE'
}

/** Health and readiness are open to probes, and so are the pages outside the API, which hold no data. */
function isOpen(path: string, base: string, method: string): boolean {
  if (method === 'OPTIONS') return true
  if (!path.startsWith(`${base}/`)) return true
  return method === 'GET' && (path === `${base}/health` || path === `${base}/ready`)
}

function cleanRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : undefined
}
