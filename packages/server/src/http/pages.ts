import type { IncomingHttpHeaders } from 'node:http'
import { openApiText } from '../routes/openapi.ts'
import type { Route, RouteContext } from '../routes/route.ts'
import { docsPage } from './pages/docs-page.ts'
import { homePage } from './pages/home-page.ts'
import { objectPage } from './pages/object-page.ts'
import { htmlPage } from './pages/shell.ts'

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

/**
 * The pages outside the API. They hold no data, so they are open: what they show, they load from the API in the browser.
 *
 * @param routes What `/docs` and `/openapi.json` tell of.
 */
export function createPages(context: RouteContext, routes: readonly Route[] = []): AnswerPage {
  const { settings, readiness } = context
  const openApi = openApiText(routes, settings.basePath)
  const fixed: Readonly<Record<string, (request: PageRequest) => Page>> = {
    '/': ({ baseUrl }) => homePage(settings.uiApiUrl ?? baseUrl + settings.basePath, settings, readiness.isReady),
    '/docs': () => docsPage(routes, settings.basePath),
    '/openapi.json': () => ({ status: 200, contentType: 'application/json', text: openApi() }),
    '/ui-settings': ({ baseUrl }) => uiSettings(context, baseUrl),
    '/favicon.ico': () => ({ status: 204, contentType: 'text/plain', text: '' }),
    '/robots.txt': () => ({ status: 200, contentType: 'text/plain', text: 'User-agent: *\nDisallow: /\n' }),
  }
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    if (Object.hasOwn(fixed, request.path)) return fixed[request.path]!(request)
    const page = objectPage(request.path, settings.uiApiUrl ?? settings.basePath, settings.csrfEnabled)
    if (page) return page
    return String(request.headers.accept ?? '').includes('text/html') ? notFound() : undefined
  }
}

/** What Prefect's pages ask first, in its form. */
function uiSettings({ settings }: RouteContext, baseUrl: string): Page {
  const answer = {
    api_url: settings.uiApiUrl ?? baseUrl + settings.basePath,
    csrf_enabled: settings.csrfEnabled,
    auth: settings.authString === undefined ? null : 'BASIC',
    flags: [],
    default_ui: 'v2',
    available_uis: ['v1', 'v2'],
    v1_base_url: '/',
    v2_base_url: '/v2',
  }
  return { status: 200, contentType: 'application/json', text: JSON.stringify(answer) }
}

function notFound(): Page {
  return htmlPage({
    title: 'Not found',
    status: 404,
    body: '<h1>There is no such page</h1><p>The address may be mistyped. <a href="/">What is here</a></p>',
  })
}
