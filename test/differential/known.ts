import type { Difference } from './compare.ts'
import { pathMatches } from './field-path.ts'

/** A difference from the real server that is meant: told to users in docs/differences.md, or invisible to them. */
export type KnownDifference = {
  /** Pattern of `METHOD /path …` as recordings name calls. */
  call: RegExp
  /** `status`, `headers.<name>` or a path that starts with `body`; `*` is one step, `**` any number. */
  field: string
  /** When given, only answers with this expected status are excused. */
  expectedStatus?: number
  /** When given, only this value of ours is excused. */
  actual?: unknown
  reason: string
}

export const knownDifferences: KnownDifference[] = [
  {
    call: /^/,
    field: '**',
    expectedStatus: 500,
    reason: 'Prefect fails inside with 500 here; any answer below 500 that says what is wrong is better',
  },
  {
    call: /^(POST|PATCH) \/deployments\//,
    field: 'body.request_body.parameters',
    expectedStatus: 422,
    reason: 'the echo shows a default that Prefect has put into the body before it looked at it',
  },
  {
    call: /^(POST|PATCH) \/deployments\//,
    field: 'body.exception_detail.*.input.parameters',
    expectedStatus: 422,
    reason: 'the echo shows a default that Prefect has put into the body before it looked at it',
  },
  {
    call: /"max_retries":/,
    field: 'body.request_body.empirical_policy.*',
    expectedStatus: 422,
    reason: 'the echo shows values that Prefect has put into the body before it looked at it',
  },
  {
    call: /Atlantis\/Deep/,
    field: 'body.exception_detail.**',
    reason: 'Prefect answers with a pattern of 9,000 characters that holds every time zone',
  },
  {
    call: /^POST \/concurrency_limits\/filter /,
    field: 'body.length',
    reason: 'Prefect counts limits that belong to no tag against the limit of this list, and then leaves them out',
  },
  {
    call: /^POST \/flow_runs\/ .*05:05:05\+02:00/,
    field: 'body.**',
    expectedStatus: 201,
    reason: 'Prefect echoes the time with the zone in which it was sent; it is the same moment',
  },
  {
    call: /\/block_documents(\/|\?|$)/,
    field: 'body.**.data.**',
    reason: 'Prefect shows secrets that are objects in the clear; here they are hidden',
  },
  {
    call: /^POST \/block_types\/filter (\{\}|\{"limit":2)/,
    field: 'body.[*].slug.**',
    reason: 'block types of integration packages are not there until a client registers them, which it does by itself',
  },
  {
    call: /^WS \/events\/in .*("broken"|null\}\},\{"receive":1\},\{"send":"not json")/,
    field: 'body.**',
    reason: 'an event that cannot be read is dropped and counted; Prefect cuts the connection, and clients repeat it',
  },
  {
    call: /^WS \/(events\/in|logs\/out) .*\{"send":("not json"|"\[\]"|.*"level":"x")/,
    field: 'body.close.*',
    reason: 'the socket is closed with a code and a reason; Prefect cuts the connection',
  },
  {
    call: /^WS \/events\/out .*"surprise"/,
    field: 'body.close.*',
    reason: 'the socket is closed with a code and a reason; Prefect cuts the connection',
  },
  {
    call: /^WS \/logs\/out .*"message":"streamed"/,
    field: 'body.received[*].log.*',
    reason: 'the moments at which the line was stored are told; Prefect sends the line without them',
  },
  {
    call: /^WS \/(events|logs)\/out /,
    field: 'body.received[*].cursor',
    reason: 'events and log lines carry where a subscriber can go on; stock clients ignore it',
  },
  {
    call: /^WS \/(events|logs)\/out /,
    field: 'body.received[*].epoch',
    reason: 'events and log lines carry where a subscriber can go on; stock clients ignore it',
  },
  {
    call: /^POST \/block_types\/ \{"name":"Pump","slug":"pump-two"\}/,
    field: 'body.**',
    reason: 'Prefect makes the block type and answers with another one that has the same name',
  },
  {
    call: /^GET \/collections\/views\/aggregate-worker-metadata/,
    field: 'body.*',
    actual: '<absent>',
    reason: 'worker types of cloud providers are not described; their pools are made by the worker or with a template',
  },
]

/** The entry that excuses a difference, if there is one. A 5xx of ours is never excused. */
export function findKnown(
  call: string,
  difference: Difference,
  status: { expected: number; actual: number },
): KnownDifference | undefined {
  if (status.actual >= 500 || status.actual === 0) return undefined
  return knownDifferences.find((known) => {
    if (!known.call.test(call) || !pathMatches(difference.field, known.field)) return false
    if (known.expectedStatus !== undefined && known.expectedStatus !== status.expected) return false
    return known.actual === undefined || known.actual === difference.actual
  })
}
