import { any, boolean, model, optional, text } from '@spillway/core/wire/schema'
import { issueStreamTicket } from '../access/stream-tickets.ts'
import type { Streams } from '../streams/index.ts'
import { route, type Route } from './route.ts'

const StreamTicket = model('SpillwayStreamTicket', { ticket: text(), expires: text({ format: 'date-time' }) })

const streamRoute = (streams: Streams, kind: 'events' | 'logs'): Route =>
  route({
    method: 'GET',
    path: `/spillway/${kind}/stream`,
    operationId: `stream_${kind}_spillway_${kind}_stream_get`,
    tag: 'Spillway',
    summary: `Stream ${kind} as server-sent events`,
    query: {
      filter: optional(text()),
      cursor: optional(text()),
      backfill: boolean({ default: false }),
      ticket: optional(text()),
    },
    headers: { 'last-event-id': optional(text()) },
    replies: { 200: any() },
    workClass: 'none', // Streams have an admission of their own: browsers give a stream up that is refused with a status.
    handle: ({ query, declaredHeaders }) => ({
      // What the browser saw last goes before what the address says.
      takeOver: streams.openEventStream(kind, {
        filter: query.filter ?? undefined,
        backfill: query.backfill,
        cursor: declaredHeaders['last-event-id'] ?? query.cursor ?? undefined,
      }),
    }),
  })

/** Streams for clients that cannot open a websocket; see docs/streams.md. */
export const eventStreamRoutes = (streams: Streams): readonly Route[] => [
  streamRoute(streams, 'events'),
  streamRoute(streams, 'logs'),
  route({
    method: 'POST',
    path: '/spillway/stream-tickets',
    operationId: 'create_stream_ticket_spillway_stream_tickets_post',
    tag: 'Spillway',
    summary: 'Issue a ticket that opens event streams from a browser',
    replies: { 201: StreamTicket },
    workClass: 'none',
    handle(_request, { settings }) {
      const expiresMs = Date.now() + settings.streamTicketSeconds * 1_000
      const ticket = issueStreamTicket(settings.authString, expiresMs)
      return { status: 201, json: JSON.stringify({ ticket, expires: new Date(expiresMs).toISOString() }) }
    },
  }),
]
