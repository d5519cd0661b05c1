import type { ReceivedEvent } from '@spillway/core/wire/events'
import type { ApiClient } from '../client/api.ts'
import { SpillwayError } from '../errors.ts'
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

/** Messages that wait for the consumer; above it the socket is not read. */
const WAITING_MAX = 256
/** How a server says that it cannot use the filter. */
const PROTOCOL_ERROR = 1002

/** What one websocket brings, until it ends. Whoever reads slowly holds up the socket, and no memory grows. */
export async function* socketFeed(settings: StreamSettings, request: object, signal: AbortSignal): AsyncGenerator<StreamMessage, void, undefined> {
  const { socket } = await openStream(settings, '/events/out')
  const waiting: StreamMessage[] = []
  let wake = (): void => {}
  let end: { code: number; reason: string } | undefined
  pingUntilClosed(socket)
  const stop = (): void => socket.terminate()
  socket.on('message', (data: Buffer) => {
    try {
      waiting.push(JSON.parse(data.toString()) as StreamMessage)
    } catch {
      return socket.terminate() // Whatever sends this is no server of events; the next connection goes on behind the last one.
    }
    if (waiting.length >= WAITING_MAX && socket.readyState === socket.OPEN) socket.pause()
    wake()
  })
  socket.once('close', (code, reason) => {
    end = { code, reason: reason.toString() }
    wake()
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    socket.send(JSON.stringify({ type: 'filter', ...request }))
    for (;;) {
      for (let message = waiting.shift(); message; message = waiting.shift()) {
        yield message
        if (socket.isPaused && waiting.length === 0) socket.resume()
      }
      if (end?.code === PROTOCOL_ERROR) throw new SpillwayError('filter-invalid', `the server cannot use this filter: ${end.reason}`)
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
