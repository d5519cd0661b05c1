import { systemClock, type Clock } from '../clock.ts'
import { ApiError, ApiUnreachableError, errorOfAnswer, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { SdkSettings } from '../settings.ts'
import { VERSION } from '../version.ts'
import { ClockSkew } from './clock-skew.ts'
import { CsrfGuard } from './csrf.ts'
import { mayRepeat, parseRetryAfter, RetryBudget, retryDelayMs } from './retry-policy.ts'
import { HttpTransport, type HttpAnswer, type HttpMethod, type TransportSettings } from './transport.ts'
import { callOf, type AnswerOf, type AnyRequest, type RequestArguments, type RouteName } from './typed-call.ts'

/** What the SDK speaks; servers refuse clients that are too far off. */
const API_VERSION = '0.8.4'

/** How one call of the API is made. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * Doing it twice is as good as doing it once: reads, and what carries a key of its own. Default: everything but POST.
   */
  readonly repeatable?: boolean
  /** Goes on for so long while the API is away or overloaded, past the number of attempts that other calls have. */
  readonly patienceMs?: number
  /** Longest time of one try. Default 30 s. */
  readonly timeoutMs?: number
  /** Header fields of its own. */
  readonly headers?: Readonly<Record<string, string>>
  /** What the answer is: JSON that says so (default), JSON whatever it calls itself, or a text. */
  readonly content?: 'json' | 'unlabelled-json' | 'text'
}

/** What a client of the API is made of. */
export interface RestOptions {
  readonly settings: Pick<SdkSettings, 'apiUrl' | 'apiKey' | 'authString' | 'customHeaders'> & TransportSettings
  readonly clock?: Clock
  readonly random?: () => number
  /** Told of every failed attempt that is going to be repeated, and of the first success after it. */
  readonly onTrouble?: (error: Error | undefined) => void
  /** Told how far the server's clock is ahead, when that matters and is news. */
  readonly onSkew?: (skewMs: number) => void
  readonly transport?: HttpTransport
}

/** How calls have ended, and how many of their tries were repetitions. */
export interface CallCounts {
  ok: number
  'client-error': number
  'server-error': number
  unreachable: number
  /** Refused here, because too many wait already. */
  'queue-full': number
  cancelled: number
  retries: number
}

/** Calls the API: headers, retries, deadlines, CSRF, errors. */
export class RestClient {
  readonly apiUrl: string
  readonly #transport: HttpTransport
  readonly #headers: Record<string, string>
  readonly #clock: Clock
  readonly #random: () => number
  readonly #budget = new RetryBudget()
  readonly #csrf: CsrfGuard
  readonly #skew: ClockSkew
  /** @internal Read by the metrics. */
  readonly counts: CallCounts = { ok: 0, 'client-error': 0, 'server-error': 0, unreachable: 0, 'queue-full': 0, cancelled: 0, retries: 0 }
  readonly #onTrouble: (error: Error | undefined) => void
  #inTrouble = false

  constructor({ settings, clock = systemClock(), random = Math.random, onTrouble = () => {}, onSkew = () => {}, transport = new HttpTransport(settings) }: RestOptions) {
    if (settings.apiUrl === undefined) throw new TypeError('there is no API to call: set PREFECT_API_URL')
    this.apiUrl = settings.apiUrl
    this.#transport = transport
    this.#clock = clock
    this.#random = random
    this.#onTrouble = onTrouble
    this.#skew = new ClockSkew(onSkew)
    this.#headers = {
      accept: 'application/json',
      'user-agent': `spillway-sdk/${VERSION}`,
      'x-prefect-api-version': API_VERSION,
      ...settings.customHeaders,
      ...authorization(settings),
    }
    this.#csrf = new CsrfGuard(async (clientId) => await this.#try('GET', `/csrf-token?client=${clientId}`, undefined, {}))
  }

  /**
   * Calls a route of the API by its name. What it takes and answers is checked by the compiler, for every route that there is:
   * `client.request('POST /flow_runs/{id}/set_state', { path: { id }, body: { state: { type: 'CANCELLED' } } })`.
   *
   * @throws {ApiError} when the answer is an error; {ApiUnreachableError} when there was none in time.
   */
  async request<Route extends RouteName>(route: Route, ...[request, options]: RequestArguments<Route>): Promise<AnswerOf<Route>> {
    const { method, path, body, options: ofRoute } = callOf(route, (request ?? {}) as AnyRequest)
    return await this.call(method, path, body, { ...ofRoute, ...options, headers: { ...ofRoute.headers, ...options?.headers } })
  }

  /**
   * Calls what has no types: routes of a server that is newer than this package, for one.
   *
   * @throws {ApiError} when the answer is an error; {ApiUnreachableError} when there was none in time.
   */
  async call<T>(method: HttpMethod, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
    try {
      const value = await this.#repeat<T>(method, path, body, options)
      this.counts.ok++
      return value
    } catch (error) {
      this.counts[outcomeOf(error, options.signal)]++
      throw error
    }
  }

  async #repeat<T>(method: HttpMethod, path: string, body: unknown, options: CallOptions): Promise<T> {
    const { repeatable = method !== 'POST', patienceMs, signal } = options
    const startedMs = this.#clock.monotonicMs()
    const untilMs = startedMs + (patienceMs ?? sdkLimits.callTimeoutMs)
    const text = body === undefined ? undefined : JSON.stringify(body)
    this.#budget.countRequest()
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      let retryAfter: number | undefined
      try {
        const answer = await this.#tryWithCsrf(method, path, text, options)
        retryAfter = parseRetryAfter(header(answer, 'retry-after'), Date.now())
        // An answer of maintenance does not count as an attempt.
        if (header(answer, 'prefect-maintenance') === 'true') attempt--
        const value = valueOf<T>(`${method} ${path}`, answer, retryAfter, options.content)
        this.#settled()
        return value
      } catch (error) {
        if (signal?.aborted || !mayRepeat(error, repeatable)) throw error
        const delayMs = retryDelayMs(attempt, retryAfter, this.#random)
        const isLast = patienceMs === undefined && (attempt >= sdkLimits.attempts || !this.#budget.takeRetry())
        if (isLast || this.#clock.monotonicMs() + delayMs > untilMs) throw error
        this.counts.retries++
        this.#inTrouble = true
        this.#onTrouble(error as Error)
        await this.#clock.sleep(delayMs, signal)
      }
    }
  }

  /**
   * The lines of an answer that goes on for as long as both sides like. One try; whoever reads it asks again.
   *
   * @throws {ApiError} when the answer is an error; {ApiUnreachableError} when there is none, or it breaks off.
   */
  async *lines(path: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const answer = await this.#transport.stream(`${this.apiUrl}${path}`, { ...this.#headers, accept: 'text/event-stream' }, signal)
    if (answer.status >= 400) throw errorOfAnswer(`GET ${path.split('?')[0]}`, answer.status, await answer.text())
    yield* answer.lines
  }

  /** One try of any request, with the headers of this client. An answer of any status is an answer. */
  send(method: HttpMethod, path: string, text?: string, options: CallOptions = {}): Promise<HttpAnswer> {
    return this.#tryWithCsrf(method, path, text, options)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** @internal Requests under way, and those that wait for a place. */
  get load(): { readonly running: number; readonly waiting: number } {
    return this.#transport.load
  }

  /** @internal Whether the last try came to nothing that will do. */
  get isInTrouble(): boolean {
    return this.#inTrouble
  }

  /** @internal How far the server's clock is ahead, by its last answer. */
  get skewMs(): number {
    return this.#skew.lastMs
  }

  #settled(): void {
    if (!this.#inTrouble) return
    this.#inTrouble = false
    this.#onTrouble(undefined)
  }

  async #tryWithCsrf(method: HttpMethod, path: string, text: string | undefined, options: CallOptions): Promise<HttpAnswer> {
    if (method === 'GET') return await this.#try(method, path, text, options)
    const answer = await this.#try(method, path, text, options, await this.#csrf.headers(Date.now()))
    if (!this.#csrf.rejects(answer)) return answer
    return await this.#try(method, path, text, options, await this.#csrf.headers(Date.now()))
  }

  async #try(
    method: HttpMethod,
    path: string,
    text: string | undefined,
    options: CallOptions,
    extra: Record<string, string> = {},
  ): Promise<HttpAnswer> {
    const headers = { ...this.#headers, ...extra, ...options.headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) }
    const { timeoutMs = sdkLimits.tryTimeoutMs, signal } = options
    const sentMs = this.#clock.nowUs() / 1000
    const answer = await this.#transport.request({ method, url: `${this.apiUrl}${path}`, headers, body: text, timeoutMs, signal })
    const date = header(answer, 'date')
    // Errors may come from a proxy, and what was kept in a cache has the date of its time.
    if (date !== undefined && answer.status < 400 && header(answer, 'age') === undefined) this.#skew.note(date, { sentMs, receivedMs: this.#clock.nowUs() / 1000 })
    return answer
  }
}

/** `Authorization` as stock clients send it: the password first, else the key. */
export function authorization({ authString, apiKey }: Pick<SdkSettings, 'authString' | 'apiKey'>): Record<string, string> {
  if (authString !== undefined) return { authorization: `Basic ${Buffer.from(authString).toString('base64')}` }
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): Exclude<keyof CallCounts, 'ok' | 'retries'> {
  if (signal?.aborted) return 'cancelled'
  if (error instanceof ApiError) return error.status >= 400 && error.status < 500 ? 'client-error' : 'server-error'
  return error instanceof SpillwayError && error.code === 'queue-full' ? 'queue-full' : 'unreachable'
}

function header(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function valueOf<T>(request: string, answer: HttpAnswer, retryAfterSeconds: number | undefined, content: CallOptions['content'] = 'json'): T {
  if (answer.status >= 400) throw errorOfAnswer(request, answer.status, answer.text, { retryAfterSeconds })
  if (answer.text === '' || answer.status === 204) return undefined as T
  if (content === 'text') return answer.text as T
  const type = header(answer, 'content-type') ?? 'no content type'
  if (content === 'json' && !/json/.test(type)) throw errorOfAnswer(`${request} (${type}, not JSON; is a proxy in the way?)`, answer.status, answer.text.slice(0, 200))
  try {
    return JSON.parse(answer.text) as T
  } catch (cause) {
    throw new ApiUnreachableError(`${request} was answered with JSON that is cut or broken: ${answer.text.slice(0, 200)}`, { cause })
  }
}
