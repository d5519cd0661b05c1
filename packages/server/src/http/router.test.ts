import assert from 'node:assert/strict'
import test from 'node:test'
import { Router } from './router.ts'

function routerOf(paths: readonly string[]): Router<string> {
  const router = new Router<string>(20)
  for (const path of paths) router.add('GET', path, path)
  return router
}

test('a fixed segment is preferred to a parameter, and a parameter is tried where the fixed one leads nowhere', () => {
  const router = routerOf(['/flows/{id}', '/flows/name/{name}', '/flows/', '/pools/{pool}/queues/{name}'])
  const cases: [string, string | undefined, Record<string, string>][] = [
    ['/flows/', '/flows/', {}],
    ['/flows/7', '/flows/{id}', { id: '7' }],
    ['/flows/name', '/flows/{id}', { id: 'name' }],
    ['/flows/name/a%20b', '/flows/name/{name}', { name: 'a b' }],
    ['/pools/p%2Fq/queues/x', '/pools/{pool}/queues/{name}', { pool: 'p/q', name: 'x' }],
    ['/flows', undefined, {}],
    ['/flows/7/', undefined, {}],
    ['/flows/name/', undefined, {}],
    ['/pools//queues/x', undefined, {}],
  ]
  for (const [path, wanted, params] of cases) {
    const found = router.find('GET', path)
    assert.equal(found?.value, wanted, path)
    assert.deepEqual(found?.params ?? {}, params, path)
  }
})

test('a parameter that is too long or badly encoded matches nothing, and so does another method', () => {
  const router = routerOf(['/flows/{id}'])
  assert.equal(router.find('GET', `/flows/${'x'.repeat(21)}`), undefined)
  assert.equal(router.find('GET', '/flows/%E0%A4%A'), undefined)
  assert.equal(router.find('POST', '/flows/7'), undefined)
})
