/** How commands fail: exit codes, and messages that say what to do. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { commandFixture, liveFixture } from './lib/command.ts'

const alone = commandFixture()
const guarded = await liveFixture({ PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED: 'true', PREFECT_SERVER_API_AUTH_STRING: 'user:word' }, { PREFECT_API_AUTH_STRING: 'user:word' })

test('without a server the command says how to get one', async () => {
  const { code, stdout, stderr } = await alone.run(['flow', 'ls'])
  assert.equal(code, 4)
  assert.equal(stdout, '')
  assert.match(stderr, /No server is configured: PREFECT_API_URL is not set/)
  assert.match(stderr, /spillway server start/)
  assert.doesNotMatch(stderr, /^\s+at /m)
})

test('a server that is not there is named, with what to look at', async () => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  const { code, stderr } = await alone.run(['flow', 'ls'], { env: { PREFECT_API_URL: `http://127.0.0.1:${port}/api` } })
  assert.equal(code, 4)
  assert.match(stderr, new RegExp(`^The server at http://127.0.0.1:${port}/api does not answer: connect ECONNREFUSED`))
  assert.match(stderr, /spillway config view/)
})

test('an address that is none is told, without a stack', async () => {
  const { code, stderr } = await alone.run(['flow', 'ls'], { env: { PREFECT_API_URL: 'localhost:4200' } })
  assert.equal(code, 4)
  assert.match(stderr, /^PREFECT_API_URL is 'localhost:4200'; it must be an address such as .*\n'spillway config view' shows where it comes from\.$/m)
  assert.doesNotMatch(stderr, /^\s+at /m)
  const { stderr: debugged } = await alone.run(['flow', 'ls'], { env: { PREFECT_API_URL: 'localhost:4200', SPILLWAY_DEBUG: '1' } })
  assert.match(debugged, /^\s+at /m)
})

test('an address without /api is told as such', async () => {
  const { code, stderr } = await guarded.run(['flow', 'ls'], { env: { PREFECT_API_URL: guarded.server.apiUrl.replace(/\/api$/, '') } })
  assert.equal(code, 3)
  assert.match(stderr, /^The server has no such route: POST \/flows\/filter\nIs PREFECT_API_URL right\? It ends in \/api/)
})

test('with --json an error is one object on stderr, and the result stays empty', async () => {
  const cases: [args: string[], error: RegExp, code: number][] = [
    [['flow-run', 'inspect', 'not-there', '--json'], /^There is no flow run 'not-there'\.$/, 3],
    [['flow', 'ls', '--limit', 'many', '-o', 'json'], /must be a whole number/, 2],
    [['--json', 'flow', 'lss'], /^unknown command 'lss'/, 2],
  ]
  for (const [args, error, exitCode] of cases) {
    const { code, stdout, stderr } = await guarded.run(args)
    const told = JSON.parse(stderr) as { error: string; remedy: string; exit_code: number }
    assert.match(told.error, error)
    assert.ok(told.remedy.length > 0)
    assert.deepEqual([code, told.exit_code, stdout], [exitCode, exitCode, ''])
  }
})

test('a password and CSRF protection of the server do not stand in the way', async () => {
  assert.deepEqual(await guarded.json(['flow', 'ls']), [])
})

test('a wrong password ends with exit code 5 and says which setting is meant', async () => {
  const { code, stderr } = await guarded.run(['flow', 'ls'], { env: { PREFECT_API_AUTH_STRING: 'user:other' } })
  assert.equal(code, 5)
  assert.match(stderr, /PREFECT_API_AUTH_STRING/)
  assert.doesNotMatch(stderr, /other/)
})

test('a reader that goes away before the end is no error', async () => {
  const started = guarded.start(['flow', 'ls', '--json'])
  started.child.stdout?.destroy()
  const { code, stderr } = await started.ended
  assert.deepEqual([code, stderr], [0, ''])
})

test('options that make no sense are usage errors', async () => {
  const { code, stderr } = await guarded.run(['flow', 'ls', '--limit', 'many'])
  assert.equal(code, 2)
  assert.match(stderr, /must be a whole number/)
})
