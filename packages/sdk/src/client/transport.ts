import { Agent, EnvHttpProxyAgent, request as send, type Dispatcher } from 'undici'
import { ApiUnreachableError, asError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { linkSignals } from '../link-signals.ts'
import type { SdkSettings } from '../settings.ts'
import { Limiter } from './limiter.ts'
import { tlsOptions, type TlsSettings } from './tls.ts'

/** The methods that the API knows. */
export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS'

/** One request, as it goes out. */
export interface HttpRequest {
  readonly method: HttpMethod
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Covers the whole try: queue, connection, request, answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** What came back, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface StreamAnswer {
  readonly status: number
  readonly lines: AsyncIterable<string>
  text(): Promise<string>
}

export type TransportSettings = TlsSettings & Partial<Pick<SdkSettings, 'http2'>>

/**
 * One pool of connections for a process. HTTP/1.1 unless HTTP/2 is asked for: recycled HTTP/2 sessions take clients down (GOAWAY, stale
 * sessions), here they cost repetitions. Idle connections are closed before any server or proxy does it (they wait 5 s or more), so that a request
 * does not meet a closing one. Proxies come from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
 */
export class HttpTransport {
  readonly #dispatcher: Dispatcher
  readonly #limiter = new Limiter(sdkLimits.requestsRunning, sdkLimits.requestsWaiting)

  constructor(settings: TransportSettings = {}, env: Readonly<Record<string, string | undefined>> = process.env) {
    const tls = tlsOptions(settings)
    const options = {
      allowH2: settings.http2 === true,
      h2Options: { pingInterval: sdkLimits.http2PingMs },
      connections: sdkLimits.requestsRunning,
      pipelining: 1,
      keepAliveTimeout: sdkLimits.idleConnectionMs,
      keepAliveMaxTimeout: sdkLimits.idleConnectionMs,
      headersTimeout: sdkLimits.answerHeadTimeoutMs,
      bodyTimeout: sdkLimits.answerBodyTimeoutMs,
      strictContentLength: true,
      connect: { timeout: sdkLimits.connectTimeoutMs, autoSelectFamily: true, ...tls },
    } satisfies Agent.Options
    const isProxied = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].some((name) => env[name])
    this.#dispatcher = isProxied ? new EnvHttpProxyAgent({ ...options, requestTls: tls }) : new Agent(options)
  }

  /**
   * One try. An answer of any status is an answer; its body has been read.
   *
   * @throws {ApiUnreachableError} when there is none, with the socket's error as its cause.
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const link = linkSignals(request.signal ? [request.signal] : [])
    const timeout = new ApiUnreachableError(`${request.method} ${request.url} had no answer within ${request.timeoutMs / 1000} s`)
    const timer = setTimeout(() => link.abort(timeout), request.timeoutMs)
    try {
      return await this.#limiter.run(() => this.#try(request, link.signal), link.signal)
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      if (link.signal.aborted) throw timeout
      throw error
    } finally {
      clearTimeout(timer)
      link.unlink()
    }
  }

  /** An answer whose body is read as it comes. It takes no place among the requests in flight. */
  async stream(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<StreamAnswer> {
    try {
      const { statusCode, body } = await send(url, { dispatcher: this.#dispatcher, method: 'GET', headers, signal })
      return { status: statusCode, text: () => body.text(), lines: linesOf(body, signal) }
    } catch (error) {
      if (signal.aborted) throw error
      throw new ApiUnreachableError(`GET ${url} failed: ${reasonOf(error)}`, { cause: error })
    }
  }

  /** @internal Requests under way, and those that wait for a place. */
  get load(): { readonly running: number; readonly waiting: number } {
    return this.#limiter.load
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }

  async #try({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      const answer = await send(url, { dispatcher: this.#dispatcher, method, headers, signal, ...(body === undefined ? {} : { body }) })
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
    } catch (error) {
      if (signal.aborted) throw error
      throw new ApiUnreachableError(`${method} ${url} failed: ${reasonOf(error)}`, { cause: error })
    }
  }
}

async function* linesOf(body: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop()!
      yield* lines.map((line) => line.replace(/\r$/, ''))
    }
  } catch (error) {
    if (signal.aborted) throw error
    throw new ApiUnreachableError(`the answer broke off: ${reasonOf(error)}`, { cause: error })
  }
}

/** Several addresses of one name fail with an AggregateError, which has no message. */
function reasonOf(error: unknown): string {
  const { message, errors } = asError(error) as Error & { errors?: Error[] }
  return message || errors?.map((one) => one.message).join('; ') || String(error)
}
