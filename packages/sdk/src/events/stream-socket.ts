import { connect as tlsConnect } from 'node:tls'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { asError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { StreamSettings } from '../settings.ts'
import { authorization } from '../client/rest.ts'
import { tlsOptions } from '../client/tls.ts'
import { openTunnel, proxyFor } from './proxy-tunnel.ts'

/** Why a stream could not be opened. */
export class StreamRefusedError extends Error {
  /** True when trying again soon is of no use: a proxy or the server answers such upgrades with an error of the caller. */
  readonly isBlocked: boolean
  /** Nobody answered at all: something on the way may swallow upgrades, or the server is too busy for them. */
  readonly isSilent: boolean

  constructor(message: string, isBlocked: boolean, options: { cause?: unknown; isSilent?: boolean } = {}) {
    super(message, options)
    this.name = 'StreamRefusedError'
    this.isBlocked = isBlocked
    this.isSilent = options.isSilent ?? false
  }
}

/** An open stream, past its authentication. */
export interface StreamSocket {
  readonly socket: WebSocket
  /** What is sent until the end of this turn leaves in one write. */
  cork(): void
  /** Whether the connection keeps the process alive. */
  hold(isHeld: boolean): void
}

/** What became of the streams of this process. */
interface StreamCounts {
  opened: number
  failed: number
  closed: number
}

/** By path. Plain numbers, which the metrics read. */
export const streamCounts = new Map<string, StreamCounts>()

/**
 * Opens a stream such as `/events/in`: upgrade, `auth` message, `auth_success`. All of it has ten seconds.
 *
 * @throws {StreamRefusedError}
 */
export async function openStream(settings: StreamSettings, path: string, env: Readonly<Record<string, string | undefined>> = process.env): Promise<StreamSocket> {
  const counts = streamCounts.get(path) ?? { opened: 0, failed: 0, closed: 0 }
  streamCounts.set(path, counts)
  try {
    const stream = await dial(settings, path, env)
    counts.opened++
    if (stream.socket.readyState === stream.socket.CLOSED) counts.closed++
    else stream.socket.once('close', () => counts.closed++)
    return stream
  } catch (error) {
    counts.failed++
    throw error
  }
}

async function dial(settings: StreamSettings, path: string, env: Readonly<Record<string, string | undefined>>): Promise<StreamSocket> {
  const url = new URL(`${settings.apiUrl}${path}`.replace(/^http/, 'ws'))
  const tls = tlsOptions(settings)
  const tunnel = await tunnelTo(url, env, tls)
  // Loaded when it is needed: the process of a run that its runner sends for does without.
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(url, 'prefect', {
    handshakeTimeout: sdkLimits.handshakeTimeoutMs,
    perMessageDeflate: false,
    maxPayload: sdkLimits.streamMessageBytes,
    headers: { ...settings.customHeaders, ...authorization(settings) },
    ...tls,
    ...(tunnel ? { createConnection: tunnel as never } : {}),
  })
  let connection: Socket | undefined
  let isCorked = false
  socket.once('upgrade', (response) => (connection = response.socket))
  socket.on('error', () => {}) // A close always follows; the handshake below has its own listener.
  await authenticated(socket, settings.authString ?? settings.apiKey ?? null)
  return {
    socket,
    cork: () => {
      if (isCorked || !connection) return
      isCorked = true
      connection.cork()
      process.nextTick(() => {
        isCorked = false
        connection!.uncork()
      })
    },
    hold: (isHeld) => (isHeld ? connection?.ref() : connection?.unref()),
  }
}

/**
 * Pings until the socket closes, and ends one that does not answer: its server may be gone without a word. While nothing is read, no
 * answer can come, and none is asked for. Does not keep the process alive.
 */
export function pingUntilClosed(socket: WebSocket): void {
  let isAnswered = true
  const pinger = setInterval(() => {
    if (socket.isPaused) return void (isAnswered = true)
    if (!isAnswered) return socket.terminate()
    isAnswered = false
    socket.ping()
  }, sdkLimits.streamPingMs).unref()
  const answered = (): void => void (isAnswered = true)
  socket.on('pong', answered).on('message', answered) // Whoever sends is there.
  socket.once('close', () => clearInterval(pinger))
}

async function tunnelTo(url: URL, env: Readonly<Record<string, string | undefined>>, tls: ReturnType<typeof tlsOptions>): Promise<(() => Duplex) | undefined> {
  const proxy = proxyFor(url, env)
  if (!proxy) return undefined
  try {
    const socket = await openTunnel(proxy, url, sdkLimits.handshakeTimeoutMs)
    return () => (url.protocol === 'wss:' ? tlsConnect({ socket, servername: url.hostname, ...tls }) : socket)
  } catch (cause) {
    throw new StreamRefusedError(asError(cause).message, false, { cause })
  }
}

function authenticated(socket: WebSocket, token: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const overdue = setTimeout(() => fail('no answer within 10 s', false, undefined, true), sdkLimits.handshakeTimeoutMs)
    const settle = (): void => {
      clearTimeout(overdue)
      socket.off('message', onMessage).off('close', onClose).off('unexpected-response', onRefusal).off('error', onError)
    }
    const fail = (reason: string, isBlocked: boolean, cause?: unknown, isSilent = false): void => {
      settle()
      socket.terminate()
      reject(new StreamRefusedError(`${socket.url}: ${reason}`, isBlocked, { isSilent, ...(cause === undefined ? {} : { cause }) }))
    }
    const onMessage = (data: Buffer): void => {
      if (!isAuthSuccess(data)) return fail('the server did not accept the password or key', false)
      settle()
      resolve()
    }
    const onClose = (code: number, reason: Buffer): void => fail(`closed with ${code} ${reason.toString()}`.trim(), false)
    const onError = (error: Error): void => fail(error.message || (error as NodeJS.ErrnoException).code || 'failed', false, error, /handshake has timed out/.test(error.message))
    const onRefusal = (_request: unknown, response: { statusCode?: number }): void => {
      const status = response.statusCode ?? 0
      // What a proxy without support for upgrades answers: 200, or an error of the caller. 408, 429 and 5xx pass.
      const isBlocked = (status >= 400 && status < 500 && status !== 408 && status !== 429) || status < 300
      fail(`the upgrade was answered ${status}`, isBlocked)
    }
    socket.once('open', () => socket.send(JSON.stringify({ type: 'auth', token })))
    socket.on('message', onMessage).on('close', onClose).on('unexpected-response', onRefusal).on('error', onError)
  })
}

function isAuthSuccess(data: Buffer): boolean {
  try {
    return (JSON.parse(data.toString()) as { type?: unknown }).type === 'auth_success'
  } catch {
    return false
  }
}
