/** `spillway server …`: in the background, stopped, looked at. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commandFixture } from './lib/command.ts'

type Record = { pid: number; mark: string; url: string; apiUrl: string }

const spillway = commandFixture({ PREFECT_SERVER_API_PORT: '0' })

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a server goes on in the background, is found there, and is stopped', async (t) => {
  const record = await spillway.json<Record>(['server', 'start', '--background', '--no-services', '--log-level', 'ERROR'])
  t.after(() => isThere(record.pid) && process.kill(record.pid, 'SIGKILL'))
  const server = { env: { PREFECT_API_URL: record.apiUrl } }
  const [status, text, services, second, unset] = await Promise.all([
    spillway.json<{ status: string; server_version: string; pid: number }>(['server', 'status']),
    spillway.ok(['server', 'status', '--wait'], server),
    spillway.json<{ name: string; enabled: boolean; environment_variable: string }[]>(['server', 'services', 'ls'], server),
    spillway.run(['server', 'start', '--background']),
    spillway.run(['flow', 'ls']),
  ])
  assert.deepEqual([status.status, status.server_version, status.pid], ['available', '3.8.8', record.pid])
  assert.match(text, /^Database +\/.*spillway\.db$/m)
  assert.deepEqual(services.map(({ enabled }) => enabled), services.map(() => false))
  assert.ok(services.some(({ environment_variable: variable }) => variable === 'PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED'))
  assert.equal(second.code, 1)
  assert.match(second.stderr, new RegExp(`A server runs in .* already: ${record.url}, process ${record.pid}\\.`))
  assert.match(unset.stderr, new RegExp(`One runs here: spillway config set PREFECT_API_URL=${record.apiUrl}`))
  assert.match(await spillway.ok(['server', 'stop']), /has stopped/)
  await assert.rejects(fetch(`${record.url}/api/health`))
  assert.equal(existsSync(path.join(spillway.home, 'server.pid')), false)
  const gone = await spillway.run(['server', 'status'], server)
  assert.equal(gone.code, 4)
  assert.equal((await spillway.run(['server', 'stop'])).code, 1)
})

test('a pid that belongs to another process by now is left alone', async (t) => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  t.after(() => stranger.kill('SIGKILL'))
  const file = path.join(spillway.home, 'server.pid')
  writeFileSync(file, JSON.stringify({ pid: stranger.pid, mark: 'another start', url: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1/api' }))
  const { code, stderr } = await spillway.run(['server', 'stop'])
  assert.equal(code, 1)
  assert.match(stderr, /No server runs in/)
  assert.equal(stranger.exitCode ?? stranger.signalCode, null)
  writeFileSync(file, 'no JSON')
  assert.equal((await spillway.run(['server', 'stop'])).code, 1)
})

test('a start in the background that fails tells why', async () => {
  const { code, stderr } = await spillway.run(['server', 'start', '--background', '--port', '99999'])
  assert.equal(code, 1)
  assert.match(stderr, /The server did not start: it ended with 1\.\nSpillway did not start: PREFECT_SERVER_API_PORT=99999 is not a whole number/)
  assert.match(readFileSync(path.join(spillway.home, 'server.log'), 'utf8'), /did not start/)
})

test('the profile’s settings hold for the server, too, and waiting for one that never comes ends', async (t) => {
  await spillway.ok(['config', 'set', 'PREFECT_SERVER_SERVICES_FOREMAN_ENABLED=false'])
  const started = spillway.start(['server', 'start', '--no-scheduler'])
  t.after(() => started.child.kill('SIGKILL'))
  const [, url] = await started.shows(/Spillway is running at (\S+)\n[^]*Ctrl-C stops it/)
  const [services, waited] = await Promise.all([
    spillway.json<{ name: string; enabled: boolean }[]>(['server', 'services', 'ls'], { env: { PREFECT_API_URL: `${url}/api` } }),
    spillway.run(['server', 'status', '--wait', '--timeout', '1'], { env: { PREFECT_API_URL: 'http://127.0.0.1:1/api' } }),
  ])
  assert.deepEqual(services.filter(({ enabled }) => !enabled).map(({ name }) => name), ['Scheduler', 'Foreman'])
  assert.equal(waited.code, 4)
  started.child.kill('SIGINT')
  assert.equal((await started.ended).code, 0)
  assert.equal(existsSync(path.join(spillway.home, 'server.pid')), false)
})

test('two processes for one server are refused', async () => {
  const { code, stderr } = await spillway.run(['server', 'start', '--workers', '2'])
  assert.equal(code, 2)
  assert.match(stderr, /A server is one process/)
})
