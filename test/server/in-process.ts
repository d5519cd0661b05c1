import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { once } from 'node:events'
import { defaultLimits, type Limits } from '@spillway/server/limits'
import { startServer } from '@spillway/server/main'
import { readSettings } from '@spillway/server/settings'
import { WebSocket } from 'ws'

type AfterHook = { after(work: () => unknown): void }

export interface TestServer {
  readonly port: number
  readonly url: string
  readonly databasePath: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** How often a bound was reached, as `/api/metrics` shows it. */
  reached(limit: string): Promise<number>
  /** The value of a metric's line, labels included: `spillway_websockets_open{endpoint="events-in",state="open"}`. */
  metric(line: string): Promise<number>
  /** A websocket that is open, before any handshake message. */
  socket(path: string, options?: { protocols?: string[]; headers?: Record<string, string>; autoPong?: boolean }): Promise<WebSocket>
  /** The same with the handshake done. */
  authenticated(path: string, options?: { autoPong?: boolean }): Promise<WebSocket>
  close(): Promise<void>
}

/** Background services would add their own reads and writes to what a test counts. */
const withoutServices = {
  ...Object.fromEntries(
    ['SCHEDULER', 'LATE_RUNS', 'PAUSE_EXPIRATIONS', 'CANCELLATION_CLEANUP', 'FOREMAN', 'REPOSSESSOR'].map((name) => [
      `PREFECT_SERVER_SERVICES_${name}_ENABLED`,
      'false',
    ]),
  ),
  PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED: 'none',
}

/** Starts a server inside the test with settings as the environment would give them, and with smaller bounds. */
export async function startTestServer(
  t: AfterHook,
  env: Record<string, string> = {},
  limits: Partial<Limits> = {},
): Promise<TestServer> {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-server-'))
  const settings = readSettings({
    SPILLWAY_HOME: home,
    PREFECT_SERVER_API_PORT: '0',
    PREFECT_SERVER_LOGGING_LEVEL: 'CRITICAL',
    ...withoutServices,
    ...env,
  })
  const running = await startServer(settings, { ...defaultLimits, ...limits })
  const sockets = new Set<WebSocket>()
  t.after(async () => {
    for (const socket of sockets) socket.terminate()
    await running.close()
    rmSync(home, { recursive: true, force: true })
  })
  const authorization = env['PREFECT_SERVER_API_AUTH_STRING']
  const ownHeaders: Record<string, string> =
    authorization === undefined ? {} : { authorization: `Basic ${Buffer.from(authorization).toString('base64')}` }

  async function metric(line: string): Promise<number> {
    const text = await (await fetch(`${running.apiUrl}/metrics`, { headers: ownHeaders })).text()
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `))
    return found === undefined ? 0 : Number(found.slice(line.length + 1))
  }

  async function socket(
    where: string,
    { protocols = ['prefect'], headers = {}, autoPong = true }: { protocols?: string[]; headers?: Record<string, string>; autoPong?: boolean } = {},
  ): Promise<WebSocket> {
    const made = new WebSocket(`${running.url.replace('http', 'ws')}${where}`, protocols, { headers, autoPong })
    sockets.add(made)
    made.on('error', () => {})
    await new Promise<void>((resolve, reject) => {
      made.once('open', resolve)
      made.once('error', reject)
    })
    return made
  }

  return {
    port: Number(new URL(running.url).port),
    url: running.url,
    databasePath: running.databasePath,
    get: (where, headers = {}) => fetch(running.url + where, { headers: { ...ownHeaders, ...headers } }),
    post: (where, body, headers = {}) =>
      fetch(running.url + where, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...ownHeaders, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    metric,
    reached: (limit) => metric(`spillway_limit_reached_total{limit="${limit}"}`),
    socket,
    async authenticated(where, options = {}) {
      const made = await socket(where, options)
      const answered = once(made, 'message')
      made.send(JSON.stringify({ type: 'auth', token: authorization ?? null }))
      await answered
      return made
    },
    close: () => running.close(),
  }
}

/** The close code and reason of a websocket. */
export async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return { code, reason: reason.toString() }
}

/** A connection that speaks bytes: for requests that no well-behaved client sends. It is destroyed with the test. */
export async function rawConnection(
  t: AfterHook,
  port: number,
  localAddress = '127.0.0.1',
): Promise<{ socket: Socket; received(): string; ended: Promise<void> }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString('latin1')))
  socket.on('error', () => {})
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return { socket, received: () => text, ended }
}

/** Sends a whole request as bytes and resolves with everything that came until the server closed the connection. */
export async function rawRequest(t: AfterHook, port: number, request: string): Promise<string> {
  const { socket, received, ended } = await rawConnection(t, port)
  socket.write(request)
  await ended
  return received()
}

/** Resolves when `check` gives something other than undefined or false; fails after half a minute. */
export async function eventually<T>(check: () => Promise<T | undefined | false> | T | undefined | false, what: string, withinMs = 30_000): Promise<T> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const value = await check()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
