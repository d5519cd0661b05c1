import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ApiClient } from './api.ts'

/** Notes what would be asked of the server. */
class RecordingClient extends ApiClient {
  readonly asked: { method: string; path: string }[] = []

  override call<T>(method: string, path: string): Promise<T> {
    this.asked.push({ method, path: path.split('?')[0]! })
    return Promise.resolve(undefined as T)
  }
}

test('every call of the client is a route that the server has', async () => {
  const { paths } = JSON.parse(readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8')) as { paths: Record<string, Record<string, unknown>> }
  const routes = Object.entries(paths).map(([path, operations]) => ({ pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`), methods: Object.keys(operations) }))
  const client = new RecordingClient({ settings: { apiUrl: 'http://127.0.0.1:1/api', apiKey: undefined, authString: undefined, customHeaders: {} } })
  const calls = Object.entries(client as unknown as Record<string, unknown>).filter((entry): entry is [string, (...args: unknown[]) => Promise<unknown>] => typeof entry[1] === 'function')
  assert.ok(calls.length > 40, String(calls.length))
  for (const [name, call] of calls) {
    client.asked.length = 0
    await call(...(name === 'createEvents' ? ['[]'] : ['x', 'x', 'x']))
    assert.equal(client.asked.length, 1, name)
    const { method, path } = client.asked[0]!
    const isRoute = routes.some(({ pattern, methods }) => pattern.test(`/api${path}`) && methods.includes(method.toLowerCase()))
    assert.ok(isRoute, `${name} asks ${method} ${path}, which is no route`)
  }
})
