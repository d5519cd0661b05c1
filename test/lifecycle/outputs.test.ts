/** Outputs that nobody reads, logs that cannot be written, storms of the same line (I09). */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { mainFile, untilListening } from './lib/bare-start.ts'

type AfterHook = { after(work: () => unknown): void }

/** The server with both outputs on descriptors of the test's choice. It is killed with the test. */
async function startWithOutput(t: AfterHook, output: number, env: Record<string, string> = {}) {
  const home = temporaryFolder(t)
  const child = spawn(process.execPath, ['--conditions=spillway-source', mainFile, 'server', 'start', '--port', '0'], {
    env: { PATH: process.env['PATH'], SPILLWAY_HOME: home, PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG', ...env },
    stdio: ['ignore', output, output],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, url: await untilListening(child.pid!) }
}

async function endsWithin(server: { child: { kill(signal: 'SIGTERM'): void }; ended: Promise<number | null> }, seconds: number): Promise<number | null | 'late'> {
  server.child.kill('SIGTERM')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), seconds * 1000)))
  return Promise.race([server.ended, late]).finally(() => clearTimeout(timer))
}

/** Requests that are logged at debug level, one line each; pipelined, because only the lines matter. */
async function logLines(url: string, count: number): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const request = `GET /api/nowhere HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${'x'.repeat(128)}\r\n\r\n`
  let answers = 0
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1').split('HTTP/1.1 404').length - 1))
  for (let sent = 0; sent < count; sent += 100) {
    socket.write(request.repeat(100))
    await eventually(() => answers >= sent, 'answers', 30)
  }
  socket.destroy()
}

async function lost(url: string, reason: string): Promise<number> {
  const text = await (await fetch(`${url}/api/metrics`)).text()
  return Number(new RegExp(`^spillway_log_lines_lost_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

test('a pipe for both outputs that nobody reads holds nothing up: lines are dropped and counted, and SIGTERM still ends with 0', async (t) => {
  const folder = temporaryFolder(t)
  const fifo = path.join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  // For reading and writing: opening waits for nobody, and the pipe stays open without ever being read.
  const pipe = openSync(fifo, 'r+')
  t.after(() => closeSync(pipe))
  const server = await startWithOutput(t, pipe)
  const flood = async (): Promise<void> => {
    // A pipe takes 64 KiB, 4 MiB may wait.
    while ((await lost(server.url, 'full')) === 0) await logLines(server.url, 2_000)
  }
  const [health] = await Promise.all([probeHealth(t, server.url, 5), flood()])
  assertHealthy(health)
  assert.equal(await endsWithin(server, 10), 0)
})

test('a log on a full disk costs the lines and nothing else', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-full-'))
  const mount = path.join(folder, 'full')
  mkdirSync(mount)
  let isMounted = true
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount], { stdio: 'ignore' })
  } catch {
    isMounted = false
  }
  // Without the right to mount, the device that is always full stands in for the disk.
  const file = isMounted ? path.join(mount, 'log') : '/dev/full'
  const log = openSync(file, 'a')
  t.after(() => closeSync(log))
  // The start is read off the system, not off the output: it may be full.
  const server = await startWithOutput(t, log)
  t.after(() => {
    if (isMounted) execFileSync('umount', ['-l', mount])
    rmSync(folder, { recursive: true, force: true })
  })
  await logLines(server.url, 1_500)
  await eventually(async () => (await lost(server.url, 'failed')) > 0, 'lines that could not be written')
  assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
  if (isMounted) assert.ok(statSync(file).size > 0)
  assert.equal(await endsWithin(server, 10), 0)
})

test('the same warning is written once a second, with how many were held back', async (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'log')
  const log = openSync(file, 'a')
  t.after(() => closeSync(log))
  const server = await startWithOutput(t, log, { PREFECT_SERVER_LOGGING_LEVEL: 'WARNING', PREFECT_SERVER_EVENTS_MAXIMUM_SIZE_BYTES: '600' })
  const startedMs = performance.now()
  const event = { occurred: new Date().toISOString(), event: 'x', resource: { 'prefect.resource.id': 'x' }, payload: { text: 'x'.repeat(1_000) } }
  const send = async (): Promise<void> => {
    const body = JSON.stringify([{ ...event, id: crypto.randomUUID() }])
    const answer = await fetch(`${server.url}/api/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    assert.equal(answer.status, 204)
  }
  const lines = (): { repeated?: number }[] =>
    readFileSync(file, 'utf8').split('\n').filter((line) => line.includes('events over the size limit')).map((line) => JSON.parse(line) as { repeated?: number })
  let sent = 0
  while (performance.now() - startedMs < 2_500 || lines().length < 3) {
    await send()
    sent += 1
  }
  const seconds = (performance.now() - startedMs) / 1000
  assert.ok(lines().length <= Math.ceil(seconds) + 1, `${lines().length} lines in ${seconds} s`)
  const heldBack = await lost(server.url, 'repeated')
  // A line is in the file a moment after its cause was answered.
  await eventually(() => lines().length + heldBack === sent, `${sent} of them to be written or counted as held back`)
  const told = lines().reduce((sum, { repeated = 0 }) => sum + 1 + repeated, 0)
  assert.ok(told <= sent && told > 3)
})
