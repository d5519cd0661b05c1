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
  assert.equal(code, 1)
  assert.match(stderr, /PREFECT_API_URL is 'localhost:4200'; it must be an address such as/)
  assert.doesNotMatch(stderr, /^\s+at /m)
  const { stderr: debugged } = await alone.run(['flow', 'ls'], { env: { PREFECT_API_URL: 'localhost:4200', SPILLWAY_DEBUG: '1' } })
  assert.match(debugged, /^\s+at /m)
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
