import type { ServerResponse } from 'node:http'
import { invalidRequest } from '@spillway/core/wire/request-errors'
import type { ServerContext } from '../context.ts'
import { AppError, RetryableError } from '../errors.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { parseObject, type Endpoint } from './connection.ts'
import type { StreamItem } from './fan-out.ts'
import { SseTransport } from './sse-transport.ts'
import { StreamOut, type StreamKind, type StreamOutParts } from './stream-out.ts'

export interface StreamQuestion {
  /** The filter as JSON; without one everything matches. */
  filter: string | undefined
  backfill: boolean
  /** `Last-Event-ID`, or the same as a parameter. */
  cursor: string | undefined
}

/**
 * The same streams as over websockets for clients that cannot open one: server-sent events, with the cursor as the event's id.
 * Admission is the HTTP status; everything after it is the connection machine's.
 *
 * @returns what takes the response over.
 * @throws 422 for a filter that cannot be used, 503 when there are too many streams or the server is going.
 */
export function openEventStream<Filter, Item extends StreamItem>(
  context: ServerContext,
  pool: ConnectionPool,
  kind: StreamKind<Filter, Item>,
  parts: StreamOutParts,
  question: StreamQuestion,
): (response: ServerResponse) => void {
  const { limits, settings, metrics } = context
  if (pool.isDraining) throw new RetryableError('the server is shutting down', 2)
  if (pool.sse >= limits.sseConnections) {
    metrics.limitReached.inc({ limit: 'sseConnections' })
    throw new RetryableError('too many event streams', 5)
  }
  const filter = question.filter === undefined || question.filter === '' ? {} : parseObject(question.filter)
  const checked = kind.validateFilter(filter ?? question.filter, ['query', 'filter'])
  if (!checked.ok) throw new AppError(422, invalidRequest(checked.errors, undefined))
  const endpoint = kind.endpoint.replace('-out', '-sse')
  return (response) => {
    const transport = new SseTransport(response)
    const options = {
      endpoint,
      handshake: false,
      authString: undefined,
      handshakeFailure: undefined,
      pingEveryMs: Math.min(settings.websocketPingSeconds, 15) * 1_000,
      pingAnswerMs: settings.websocketPingTimeoutSeconds * 1_000,
    }
    const connection = pool.add(transport, options, 'sse', (self) => {
      const stream = new StreamOut(self, { ...kind, endpoint }, parts)
      const once: Endpoint = {
        open: () => stream.subscribe({ filter, backfill: question.backfill, cursor: question.cursor }),
        message: () => {},
        roomAgain: () => stream.roomAgain(),
        closed: () => stream.closed(),
      }
      return once
    })
    metrics.streams.handshakes.inc({ endpoint, outcome: 'opened' })
    transport.listen(connection)
    connection.begin()
  }
}
