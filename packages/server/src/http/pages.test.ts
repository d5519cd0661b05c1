import assert from 'node:assert/strict'
import test from 'node:test'
import vm from 'node:vm'
import type { RouteContext } from '../routes/route.ts'
import { rootRoutes } from '../routes/root.ts'
import { readSettings } from '../settings.ts'
import { createPages, type Page } from './pages.ts'

const id = '0190a0a0-0000-7000-8000-000000000001'

function ask(path: string, headers: Record<string, string> = {}, env: Record<string, string> = {}): Page | undefined {
  const context = { settings: readSettings(env), readiness: { isReady: true } } as unknown as RouteContext
  const answer = createPages(context, rootRoutes)
  return answer({ method: 'GET', path, headers, baseUrl: 'http://here:4200' }) as Page | undefined
}

test('the first page says where the API is and runs nothing from elsewhere', () => {
  const page = ask('/')!
  assert.equal(page.status, 200)
  assert.match(page.text, /export PREFECT_API_URL=http:\/\/here:4200\/api/)
  assert.match(page.headers!['content-security-policy']!, /default-src 'none'/)
  assert.doesNotMatch(page.text, /(?:src|href)="https?:/)
})

test('a host name cannot become HTML', () => {
  const context = { settings: readSettings({}), readiness: { isReady: true } } as unknown as RouteContext
  const page = createPages(context)({ method: 'GET', path: '/', headers: {}, baseUrl: 'http://<b>"x' }) as Page
  assert.doesNotMatch(page.text, /<b>"x/)
})

test('every link that stock clients print has a page', () => {
  for (const path of [
    `/runs/flow-run/${id}`, `/v2/runs/flow-run/${id}`, `/flow-runs/flow-run/${id}`, `/runs/task-run/${id}`, `/flows/flow/${id}`,
    `/deployments/deployment/${id}`, '/work-pools/work-pool/my%20pool', `/work-pools/work-pool/p/worker/${id}`,
    `/work-queues/work-queue/${id}`, `/blocks/block/${id}`, `/automations/automation/${id}`,
    `/concurrency-limits/concurrency-limit/${id}`,
  ]) {
    const page = ask(path)
    assert.equal(page?.status, 200, path)
    assert.match(page!.text, /<script nonce=/, path)
  }
})

test('the script of a page is well-formed, and a key cannot break out of its data', () => {
  const page = ask(`/work-pools/work-pool/${encodeURIComponent('</script><b>')}`)!
  const [, data] = /<script type="application\/json" id="page">(.*?)<\/script>/s.exec(page.text)!
  assert.equal(JSON.parse(data!).read, '/work_pools/%3C%2Fscript%3E%3Cb%3E')
  assert.doesNotMatch(page.text, /<code><\/script>/)
  const [, script] = /<script nonce="[^"]+">(.*?)<\/script>/s.exec(page.text)!
  new vm.Script(script!)
})

test('a page of an API elsewhere may call it there', () => {
  const page = ask(`/runs/flow-run/${id}`, {}, { PREFECT_UI_API_URL: 'https://api.example.org/prefect/api' })!
  assert.match(page.headers!['content-security-policy']!, /connect-src 'self' https:\/\/api\.example\.org;/)
})

test('what is not there is a page for people and nothing for programs', () => {
  assert.equal(ask('/nothing', { accept: 'text/html' })?.status, 404)
  assert.equal(ask('/nothing'), undefined)
  assert.equal(ask('/runs/flow-run/no-uuid'), undefined)
})

test('the document of the API has its paths below the mount', () => {
  const document = JSON.parse(ask('/openapi.json')!.text)
  assert.ok(document.paths['/api/health'].get)
  assert.match(ask('/docs')!.text, /\/api\/health/)
})

test('what the pages of Prefect ask first is answered in its form', () => {
  const settings = JSON.parse(ask('/ui-settings', {}, { PREFECT_SERVER_API_AUTH_STRING: 'a:b' })!.text)
  assert.equal(settings.api_url, 'http://here:4200/api')
  assert.equal(settings.auth, 'BASIC')
})
