import { formatIso, usFromMs } from '@spillway/core/wire/time'
import { Countable, CountAccountEventsBody, EventBatch, EventCount, EventPage, ReadEventsBody } from '@spillway/core/wire/events'
import { list, text } from '@spillway/core/wire/schema'
import type { EventFilterFields } from '@spillway/core/domain/event-filter'
import { timeBuckets } from '@spillway/core/domain/event-buckets'
import { httpError, LimitError, shed } from '../errors.ts'
import { noContent, ok } from '../storage/answers.ts'
import { occurredRange } from '../storage/filters/events.ts'
import type { Answer } from '../storage/port.ts'
import { toLoggedEvent, type ReceivedEventInput } from '../storage/received-events.ts'
import type { Streams } from '../streams/index.ts'
import { route, type Route, type RouteContext } from './route.ts'

/** What a page token carries: the filter, the count of the first page, and where the next one starts. */
interface PageToken {
  filter: EventFilterFields
  count: number
  page_size: number
  offset: number
}

const base64 = (value: string): string => Buffer.from(value, 'utf8').toString('base64')
const fromBase64 = (value: string): string => Buffer.from(value, 'base64').toString('utf8')

function encodeToken(token: PageToken): string {
  return base64(base64(JSON.stringify(token)))
}

function decodeToken(text: string): PageToken {
  try {
    const token = JSON.parse(fromBase64(fromBase64(text))) as Partial<PageToken>
    const { count, page_size: pageSize, offset } = token
    const whole = [count, pageSize, offset].every((n) => Number.isSafeInteger(n) && (n as number) >= 0)
    if (whole && typeof token.filter === 'object' && pageSize! <= 50) return token as PageToken
  } catch {
    // Answered below: whatever is wrong with it, the token is not one of ours.
  }
  throw httpError(403, 'Forbidden')
}

async function answerPage(context: RouteContext, token: PageToken, total: number | undefined, baseUrl: string): Promise<Answer> {
  const page = await context.store.read(
    'filterEvents',
    { filter: token.filter, limit: token.page_size, offset: token.offset, total, scanRowsMax: context.limits.eventScanRows },
    'scan',
  )
  if (page.cut) context.metrics.limitReached.inc({ limit: 'eventScanRows' })
  const offset = token.offset + token.page_size
  const next =
    offset < page.total && token.page_size > 0
      ? `${baseUrl}${context.settings.basePath}/events/filter/next?page-token=${encodeURIComponent(encodeToken({ ...token, count: page.total, offset }))}`
      : null
  return ok(`{"events":[${page.bodies.join(',')}],"total":${page.total},"next_page":${JSON.stringify(next)}}`)
}

/** The event routes; `POST /events` shares its intake with the sockets. */
export function eventRoutes(streams: Streams): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/events',
      operationId: 'create_events_events_post',
      tag: 'Events',
      body: EventBatch,
      bodyLimit: 'logBodyBytes',
      workClass: 'event',
      replies: { 204: null },
      async handle({ body }, { metrics, settings, log }) {
        const limit = streams.intake.fullBy
        if (limit) {
          metrics.limitReached.inc({ limit })
          throw shed('too many events are waiting')
        }
        const nowUs = usFromMs(Date.now())
        const events = (body as unknown as ReceivedEventInput[]).map((event) => toLoggedEvent(event, nowUs))
        const fitting = events.filter((event) => Buffer.byteLength(event.body) <= settings.events.maxBytes)
        if (fitting.length < events.length) {
          metrics.eventsReceived.inc({ way: 'http', outcome: 'too-large' }, events.length - fitting.length)
          log.warn({ dropped: events.length - fitting.length }, 'events over the size limit were dropped')
        }
        if (fitting.length > 0) await streams.intake.submit(fitting)
        return noContent()
      },
    }),
    route({
      method: 'POST',
      path: '/events/filter',
      operationId: 'read_events_events_filter_post',
      tag: 'Events',
      body: ReadEventsBody,
      replies: { 200: EventPage },
      handle({ body, baseUrl }, context) {
        // The range is fixed by the first page, or later pages would count other events.
        const filter: EventFilterFields = body.filter ?? {}
        const { sinceUs, untilUs } = occurredRange(filter, usFromMs(Date.now()))
        const occurred = { since: formatIso(sinceUs), until: formatIso(untilUs) }
        const token = { filter: { ...filter, occurred }, count: 0, page_size: body.limit, offset: 0 }
        return answerPage(context, token, undefined, baseUrl)
      },
    }),
    route({
      method: 'GET',
      path: '/events/filter/next',
      operationId: 'read_account_events_page_events_filter_next_get',
      tag: 'Events',
      query: { 'page-token': text() },
      replies: { 200: EventPage },
      handle({ query, baseUrl }, context) {
        const token = decodeToken(query['page-token'])
        return answerPage(context, token, token.count, baseUrl)
      },
    }),
    route({
      method: 'POST',
      path: '/events/count-by/{countable}',
      operationId: 'count_account_events_events_count_by__countable__post',
      tag: 'Events',
      params: { countable: Countable },
      body: CountAccountEventsBody,
      replies: { 200: list(EventCount) },
      async handle({ params, body }, { store, limits, metrics }) {
        const countable = params.countable as Countable
        const nowUs = usFromMs(Date.now())
        const range = occurredRange(body.filter, nowUs)
        const buckets =
          countable === 'day' || countable === 'time'
            ? timeBuckets(range, nowUs, body.time_unit, body.time_interval, limits.eventBuckets)
            : []
        if (typeof buckets === 'string') throw new LimitError('eventBuckets', 422, { detail: buckets })
        const { answer, cut } = await store.read('countEvents', { filter: body.filter, countable, buckets, scanRowsMax: limits.eventScanRows }, 'scan')
        if (cut) metrics.limitReached.inc({ limit: 'eventScanRows' })
        return answer
      },
    }),
  ]
}
