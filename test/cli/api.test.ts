/** `spillway api`, `version` and `dashboard`, against a live server. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commandFixture, liveFixture } from './lib/command.ts'

const spillway = await liveFixture({ PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED: 'true' })
const alone = commandFixture()

test('any route is called, with a body given, piped in, or from a file', async () => {
  const made = JSON.parse(await spillway.ok(['api', 'post', '/flows/', '--data', '{"name": "raw"}'])) as { id: string; name: string }
  assert.equal(made.name, 'raw')
  writeFileSync(path.join(spillway.home, 'body.json'), '{"flows": {"name": {"any_": ["raw"]}}}')
  const bodies: [args: string[], input?: string][] = [[[]], [['--data', '@body.json']], [['--data', '-'], '{"limit": 5}'], [[], '{"limit": 5}']]
  for (const [args, input] of bodies) {
    const found = JSON.parse(await spillway.ok(['api', 'POST', 'flows/filter', ...args], input === undefined ? {} : { input })) as { id: string }[]
    assert.deepEqual(found.map(({ id }) => id), [made.id])
  }
  assert.match(await spillway.ok(['api', 'GET', '/metrics']), /^spillway_/m)
  assert.equal(await spillway.ok(['api', 'DELETE', `/flows/${made.id}`]), '')
})

test('headers are sent, and shown when wanted, but no secrets', async () => {
  const { stderr, stdout } = await spillway.run(['api', 'GET', '/version', '-v', '-H', 'Authorization: Bearer hidden', '--header', 'X-Request-Id: 7'])
  assert.equal(stdout.trim(), '"0.8.4"')
  assert.match(stderr, /^> GET http.*\/api\/version$/m)
  assert.match(stderr, /^> X-Request-Id: 7$/m)
  assert.match(stderr, /^< 200$/m)
  assert.match(stderr, /^< content-type: application\/json/m)
  assert.doesNotMatch(stderr, /hidden/)
})

test('an error of the API is shown as it came, and ends with the exit code of its kind', async () => {
  const [missing, wrong, noJson, noMethod] = await Promise.all([
    spillway.run(['api', 'GET', '/flows/00000000-0000-4000-8000-000000000000']),
    spillway.run(['api', 'POST', '/flows/', '--data', '{}']),
    spillway.run(['api', 'POST', '/flows/', '--data', '{']),
    spillway.run(['api', 'FETCH', '/flows/']),
  ])
  assert.deepEqual([missing.code, wrong.code, noJson.code, noMethod.code], [3, 2, 2, 2])
  assert.match(missing.stderr, /\{"detail":"Flow not found"\}/)
  assert.match(wrong.stderr, /name: Field required/)
  assert.match(noJson.stderr, /The body is not JSON/)
  assert.match(noMethod.stderr, /'FETCH' is no method of HTTP/)
})

test('the versions of command and server are told, and the command tells its own without a server', async () => {
  const [text, json, without, away] = await Promise.all([
    spillway.ok(['--version']),
    spillway.json<{ version: string; server: { version: string } }>(['version']),
    alone.json<{ version: string; server: null }>(['version']),
    alone.ok(['version'], { env: { PREFECT_API_URL: 'http://127.0.0.1:1/api' } }),
  ])
  assert.match(text, /^Version +0\.1\.0$/m)
  assert.match(text, /^Server +Prefect 3\.8\.8, API 0\.8\.4$/m)
  assert.equal(json.server.version, '3.8.8')
  assert.deepEqual([without.version, without.server], [json.version, null])
  assert.match(away, /^Server +does not answer$/m)
})

test('the dashboard is opened where the UI stands', async () => {
  assert.equal(await spillway.ok(['dashboard', 'open'], { env: { BROWSER: 'true' } }), `${spillway.server.apiUrl.replace(/api$/, '')}\n`)
  assert.equal(await spillway.ok(['dashboard', 'open'], { env: { BROWSER: 'true', PREFECT_UI_URL: 'https://ui.example' } }), 'https://ui.example/\n')
})
