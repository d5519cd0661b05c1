import type { ServerResponse } from 'node:http'
import type { Static, TSchema, TUnknown } from 'typebox'
import type { ServerContext } from '../context.ts'
import type { Answer, WorkClass } from '../storage/port.ts'

/** What handlers may use. */
export type RouteContext = ServerContext

/** A checked request: every part has been validated, coerced and given its defaults by the row's schemas. */
export interface ApiRequest<Params, Query, Headers, Body> {
  readonly params: Params
  readonly query: Query
  /** The headers that the row declares. */
  readonly declaredHeaders: Headers
  readonly body: Body
  /** The body as it came, for what must keep the spelling of its numbers. */
  readonly rawBody: Buffer | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Prefect client version out of the User-Agent, null when it is not a Prefect client. */
  readonly clientVersion: string | null
  /** X-PREFECT-API-VERSION as sent, null when absent. */
  readonly apiVersion: string | null
  /** `http://host:port` as the client sees this server. */
  readonly baseUrl: string
}

/**
 * A path parameter of kind uuid that is none does not match the route: 404, as Starlette's converter does. One with a schema is
 * checked by it: 422.
 */
export type PathParam = 'uuid' | 'text' | TSchema

export interface Route<
  Params extends Readonly<Record<string, PathParam>> = Readonly<Record<string, PathParam>>,
  Query extends Readonly<Record<string, TSchema>> = Readonly<Record<string, TSchema>>,
  Body extends TSchema = TSchema,
  Headers extends Readonly<Record<string, TSchema>> = Readonly<Record<string, TSchema>>,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In Prefect's form, below the API mount: `/flows/{id}`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary?: string
  readonly isDeprecated?: true
  readonly params?: Params
  readonly query?: Query
  /** Headers that mean something to this route alone, in lower case. */
  readonly headers?: Headers
  readonly body?: Body
  /** The few routes that do not look at X-PREFECT-API-VERSION. */
  readonly isPlain?: boolean
  /** PATCH: members with a default stay absent unless they were sent. */
  readonly keepAbsent?: boolean
  /** Status of the good answer and its schema; null for an empty body. */
  readonly replies: Readonly<Record<number, TSchema | null>>
  /**
   * What kind of work this is when the server sheds load; `none` is always answered, it asks the store nothing. Default: `read`
   * for what only asks, `state` otherwise, see http/work-class.ts.
   */
  readonly workClass?: WorkClass | 'none'
  /** Which bound of limits.ts holds for the body; default `bodyBytes`. */
  readonly bodyLimit?: 'bodyBytes' | 'logBodyBytes'
  readonly handle: (
    request: ApiRequest<
      { [Name in keyof Params]: string },
      { [Name in keyof Query]: Static<Query[Name]> },
      { [Name in keyof Headers]: Static<Headers[Name]> },
      Static<Body>
    >,
    context: RouteContext,
  ) => Promise<RouteReply> | RouteReply
}

/**
 * Usually an Answer from the store; `text` for the few that are not JSON, with `stream` after it when it comes page by page;
 * `takeOver` for a stream that goes on until one side ends it.
 */
export type RouteReply =
  | Answer
  | { takeOver(response: ServerResponse): void }
  | { status: number; contentType: string; text: string; stream?: AsyncIterable<string>; headers?: Record<string, string> }

/** Declares a route: types of the request follow from its schemas. */
export function route<
  const Params extends Readonly<Record<string, PathParam>> = Record<never, PathParam>,
  const Query extends Readonly<Record<string, TSchema>> = Record<never, TSchema>,
  Body extends TSchema = TUnknown,
  const Headers extends Readonly<Record<string, TSchema>> = Record<never, TSchema>,
>(row: Route<Params, Query, Body, Headers>): Route {
  return row as unknown as Route
}
