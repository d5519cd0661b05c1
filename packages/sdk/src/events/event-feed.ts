import type { ReceivedEvent } from '@spillway/core/wire/events'
import type { ApiClient } from '../client/api.ts'
import { SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { StreamSettings } from '../settings.ts'
import { openStream, pingUntilClosed } from './stream-socket.ts'

/** A message of an event stream. Servers other than Spillway send events only, without cursors. */
export interface StreamMessage {
  readonly type: string
  readonly event?: ReceivedEvent
  readonly cursor?: string
  /** How many events the subscriber cannot be told of any more. */
  readonly dropped?: number
  readonly status?: string
  readonly reason?: string
}

/** How a server says that it cannot use the filter. */
const PROTOCOL_ERROR = 1002
/** Ends that have nothing to do with who reads: asked for, and of a server that goes. */
const OTHER_ENDS = [1000, 1012]

/** The stream was ended because its consumer did not read for so long that no ping could be answered. */
export class HeldUpError extends Error {
  constructor(pausedMs: number) {
    super(`it was not read for ${Math.round(pausedMs / 1000)} s`)
    this.name = 'HeldUpError'
  }
}

/**
 * What one websocket brings, until it ends. Whoever reads slowly holds up the socket, and no memory grows.
 *
 * @throws {HeldUpError} when the stream ended for that.
 */
export async function* socketFeed(settings: StreamSettings, request: object, signal: AbortSignal): AsyncGenerator<StreamMessage, void, undefined> {
  const { socket } = await openStream(settings, '/events/out')
  const waiting: { message: StreamMessage; bytes: number }[] = []
  let waitingBytes = 0
  let wake = (): void => {}
  let end: { code: number; reason: string; atMs: number } | undefined
  const pause = { startMs: 0, endMs: -Infinity }
  pingUntilClosed(socket)
  const stop = (): void => socket.terminate()
  socket.on('message', (data: Buffer) => {
    try {
      waiting.push({ message: JSON.parse(data.toString()) as StreamMessage, bytes: data.length })
    } catch {
      return socket.terminate() // Whatever sends this is no server of events; the next connection goes on behind the last one.
    }
    waitingBytes += data.length
    if ((waiting.length >= sdkLimits.subscriptionMessages || waitingBytes >= sdkLimits.subscriptionBytes) && socket.readyState === socket.OPEN && !socket.isPaused) {
      pause.startMs = performance.now()
      socket.pause()
    }
    wake()
  })
  socket.once('close', (code, reason) => {
    end = { code, reason: reason.toString(), atMs: performance.now() }
    wake()
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    socket.send(JSON.stringify({ type: 'filter', ...request }))
    for (;;) {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        waitingBytes -= next.bytes
        yield next.message
        if (!socket.isPaused || waiting.length > 0) continue
        pause.endMs = performance.now()
        socket.resume()
      }
      if (end?.code === PROTOCOL_ERROR) throw new SpillwayError('filter-invalid', `the server cannot use this filter: ${end.reason}`)
      const pausedMs = pause.endMs - pause.startMs
      if (end && !OTHER_ENDS.includes(end.code) && pausedMs >= sdkLimits.heldUpMs && end.atMs - pause.endMs < sdkLimits.heldUpEndMs) throw new HeldUpError(pausedMs)
      if (end) return
      await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    signal.removeEventListener('abort', stop)
    socket.close(1000)
  }
}

/**
 * The same as server-sent events, which pass where a websocket does not. Only Spillway has them.
 *
 * @throws {ApiError} 404 from a server that has not.
 */
export async function* sseFeed(client: ApiClient, request: { filter: object; backfill: boolean; cursor?: string }, signal: AbortSignal): AsyncGenerator<StreamMessage, void, undefined> {
  const query = new URLSearchParams({ filter: JSON.stringify(request.filter), backfill: String(request.backfill), ...(request.cursor === undefined ? {} : { cursor: request.cursor }) })
  let kind = ''
  let data: string[] = []
  for await (const line of client.lines(`/spillway/events/stream?${query}`, signal)) {
    if (line.startsWith('event:')) kind = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).trim())
    else if (line === '' && data.length > 0) {
      if (kind === 'close') return
      yield JSON.parse(data.join('\n')) as StreamMessage
      data = []
    }
  }
}

/** Pages of what is stored from a time on, in the order of occurrence. */
export async function* storedEvents(client: ApiClient, filter: object, sinceIso: string, signal: AbortSignal): AsyncGenerator<ReceivedEvent, void, undefined> {
  const occurred = { since: sinceIso, until: new Date().toISOString() }
  let page = await client.filterEvents({ filter: { ...filter, occurred, order: 'ASC' }, limit: 50 }, { signal })
  for (;;) {
    yield* page.events
    if (page.next_page === null) return
    const { pathname, search } = new URL(page.next_page)
    page = await client.call('GET', `${pathname.slice(pathname.indexOf('/events/filter'))}${search}`, undefined, { signal })
  }
}
