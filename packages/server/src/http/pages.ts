import type { IncomingHttpHeaders } from 'node:http'
import type { RouteContext } from '../routes/route.ts'

/** What a page answers; also used for plain texts and JSON outside the API. */
export interface Page {
  status: number
  contentType: string
  text: string
  headers?: Record<string, string>
}

export interface PageRequest {
  method: string
  /** Without the query. */
  path: string
  headers: IncomingHttpHeaders
  /** `http://host:port` as the client sees this server. */
  baseUrl: string
}

/** Answers what lies outside the API; undefined leaves it a 404. */
export type AnswerPage = (request: PageRequest) => Promise<Page | undefined> | Page | undefined

/** The pages outside the API. */
export function createPages(_context: RouteContext): AnswerPage {
  return () => undefined
}
