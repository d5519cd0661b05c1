/** SIGTERM while streams stall and requests are under way, and dials that come meanwhile (I01, I02, I03). */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../server/server-process.ts'
import { cannotRunPeers, startPeers } from '../streams/lib/peers.ts'
import { everyEvent, Publisher } from '../streams/lib/publisher.ts'
import { upgradeHead } from '../streams/lib/raw-socket.ts'
import { postJson, startRuns, stateOf } from './lib/runs.ts'

type AfterHook = { after(work: () => unknown): void }

const skip = cannotRunPeers
/** What the process may take from SIGTERM to its end, and what the machine may add until a test sees it. */
const exitMs = 10_000
const seenMs = 1_500

function holdWrites(t: AfterHook, home: string): () => void {
  const db = new DatabaseSync(path.join(home, 'spillway.db'))
  const release = (): void => {
    if (db.isOpen) db.close()
  }
  t.after(release)
  db.exec('begin immediate')
  return release
}

/** Dials every 10 ms until told to stop, and tells what became of each: `refused`, `101 1012`, a status. */
function keepDialling(port: number): { stop(): Promise<{ outcome: string; afterMs: number }[]> } {
  const startedMs = performance.now()
  const dials: Promise<{ outcome: string; afterMs: number }>[] = []
  const one = (): Promise<{ outcome: string; afterMs: number }> =>
    new Promise((resolve) => {
      const afterMs = performance.now() - startedMs
      const chunks: Buffer[] = []
      const socket = connect(port, '127.0.0.1')
      socket.write(
        'GET /api/events/out HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
          `Sec-WebSocket-Protocol: prefect\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
      )
      socket.on('data', (chunk) => chunks.push(chunk))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve({ outcome: chunks.length === 0 ? (error.code ?? 'error') : outcomeOf(chunks), afterMs }))
      socket.on('close', () => resolve({ outcome: outcomeOf(chunks), afterMs }))
    })
  let stopping = false
  const loop = (async () => {
    while (!stopping) {
      dials.push(one())
      await delay(10)
    }
  })()
  return {
    async stop() {
      stopping = true
      await loop
      return Promise.all(dials)
    },
  }
}

/** The status of the answer, and the code of a close frame behind it. */
function outcomeOf(chunks: readonly Buffer[]): string {
  const bytes = Buffer.concat(chunks)
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return 'nothing'
  const status = bytes.toString('latin1', 9, 12)
  const frames = bytes.subarray(end + 4)
  const close = frames.indexOf(0x88)
  return close < 0 ? status : `${status} ${frames.readUInt16BE(close + 2)}`
}

async function untilStopping(server: ServerProcess): Promise<void> {
  await eventually(() => server.stdout().includes('Stopping'), 'the server to hear the signal')
}

/** Waits until the store has so many writes: they have nothing to show until they are answered. */
async function untilUnderWay(server: ServerProcess, writes: number): Promise<void> {
  await eventually(async () => {
    const metrics = await (await fetch(`${server.url}/api/metrics`)).text()
    const counts = [...metrics.matchAll(/^spillway_store_operations_under_way\{class="(?:state|log)"\} (\d+)$/gm)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0) >= writes
  }, 'the writes to be under way')
}

test('SIGTERM with 1,000 streams, 200 of them stuck, and 50 requests under way: all requests answered, 1012 to the healthy, exit 0 in time', { skip }, async (t) => {
  const home = temporaryFolder(t)
  const server = await startServerProcess(t, { SPILLWAY_HOME: home })
  const [healthy, stuck, suspended] = await Promise.all([startPeers(t, server.url), startPeers(t, server.url), startPeers(t, server.url)])
  const bulky = { type: 'filter', filter: { event: { prefix: ['bulky.'] } }, backfill: false }
  await healthy.dial({ group: 'healthy', count: 800, path: '/api/events/out', first: everyEvent, atOnce: 200 })
  await stuck.dial({ group: 'stalled', count: 100, path: '/api/events/out', first: bulky, receiveBuffer: 4_096, then: { act: 'stall' } })
  await stuck.dial({ group: 'half-closed', count: 50, path: '/api/events/out', first: bulky, receiveBuffer: 4_096, then: { act: 'stall' } })
  await suspended.dial({ group: 'suspended', count: 50, path: '/api/events/out', first: bulky, receiveBuffer: 4_096 })
  suspended.suspend()
  // More than the kernel takes for each of them.
  const publisher = new Publisher(t, server.url)
  await publisher.publish({ count: 120, bytes: 40_000, event: 'bulky.told', batch: 20 })
  await stuck.behave('half-closed', { act: 'halfClose' })
  const runs = await startRuns(server.url, 50)

  const release = holdWrites(t, home)
  const changes = runs.map((id) => postJson(`${server.url}/api/flow_runs/${id}/set_state`, { state: { type: 'RUNNING', name: 'Running' } }))
  await untilUnderWay(server, changes.length)
  const startedMs = performance.now()
  const dialling = keepDialling(Number(new URL(server.url).port))
  server.child.kill('SIGTERM')
  await untilStopping(server)
  const stoppingMs = performance.now() - startedMs
  await delay(500)
  release()
  const answers = await Promise.all(changes)
  const { code } = await server.ended
  const tookMs = performance.now() - startedMs
  const dials = await dialling.stop()

  assert.deepEqual(answers.filter(({ status }) => status !== 201 && status !== 200), [])
  assert.equal(code, 0)
  assert.ok(tookMs < exitMs + seenMs, `took ${Math.round(tookMs)} ms`)
  const { closes } = await healthy.report('healthy')
  assert.deepEqual(Object.entries(closes).map(([close, count]) => [close.slice(0, 4), count]), [['1012', 800]])
  t.diagnostic(JSON.stringify({ tookMs: Math.round(tookMs), dials: Object.groupBy(dials.map(({ outcome }) => outcome), (outcome) => outcome) }, (_, value: unknown) => (Array.isArray(value) ? value.length : value)))

  const odd = dials.filter(({ outcome }) => !['ECONNREFUSED', '101 1012'].includes(outcome))
  assert.deepEqual(odd, [], 'a dial is refused by the system or told to come back, and never refused with a status')
  const lastTaken = Math.max(0, ...dials.filter(({ outcome }) => outcome !== 'ECONNREFUSED').map(({ afterMs }) => afterMs))
  assert.ok(lastTaken - stoppingMs < 1_500, `the listener took a dial ${Math.round(lastTaken - stoppingMs)} ms after the drain had begun`)
})

test('whoever has dialled and not said a word when the drain begins is told to come back like the others', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const port = Number(new URL(server.url).port)
  const late = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  late.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  await once(late, 'connect')
  // Connections are taken in the order in which they came.
  assert.equal((await postJson(`${server.url}/api/flows/`, { name: 'next' })).status, 201)
  server.child.kill('SIGTERM')
  const isRefused = (): Promise<boolean> =>
    new Promise((resolve) => {
      const dial = connect(port, '127.0.0.1', () => {
        dial.destroy()
        resolve(false)
      }).on('error', () => resolve(true))
    })
  await eventually(isRefused, 'the listener to be closed')
  late.write(upgradeHead({ path: '/api/events/out' }))
  await once(late, 'close')
  assert.equal(outcomeOf(chunks), '101 1012')
  assert.equal((await server.ended).code, 0)
})

test('what was acknowledged before and during a drain is stored, and what was not has been refused', async (t) => {
  const home = temporaryFolder(t)
  const server = await startServerProcess(t, { SPILLWAY_HOME: home })
  const runs = await startRuns(server.url, 50)
  const line = { name: 'x', level: 20, message: 'm', timestamp: '2026-01-01T00:00:00Z' }
  const release = holdWrites(t, home)
  const first = runs.map((id) => postJson(`${server.url}/api/flow_runs/${id}/set_state`, { state: { type: 'RUNNING', name: 'Running' } }))
  const logs = postJson(`${server.url}/api/logs/`, Array.from({ length: 200 }, () => line))
  await untilUnderWay(server, first.length + 1)
  server.child.kill('SIGTERM')
  await untilStopping(server)
  release()
  const answers = await Promise.all(first)
  // Over connections that are still open, or new ones: whatever comes now is too late.
  const late = await Promise.all(runs.map((id) => postJson(`${server.url}/api/flow_runs/${id}/set_state`, { state: { type: 'COMPLETED', name: 'Completed' } })))
  const loggedStatus = (await logs).status
  assert.equal((await server.ended).code, 0)
  for (const answer of late) {
    if (answer.status === undefined) continue
    assert.equal(answer.status, 503)
    assert.match(answer.headers?.get('retry-after') ?? '', /^[2-5]$/)
    assert.equal(answer.headers?.get('prefect-maintenance'), 'true')
  }

  const again = await startServerProcess(t, { SPILLWAY_HOME: home })
  for (const [index, id] of runs.entries()) {
    const acknowledged = answers[index]!.status === 201
    assert.equal(await stateOf(again.url, id), acknowledged ? 'RUNNING' : 'PENDING', `run ${index}, answered ${answers[index]!.status}`)
  }
  assert.ok(answers.every(({ status }) => status === 201), 'what was under way is answered')
  const stored = (await (await fetch(`${again.url}/api/logs/filter`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"limit":200}' })).json()) as unknown[]
  assert.equal(stored.length, loggedStatus === 201 ? 200 : 0)
})

test('a database that stays locked through the whole drain keeps the process no longer than it may', async (t) => {
  const home = temporaryFolder(t)
  const server = await startServerProcess(t, { SPILLWAY_HOME: home, SPILLWAY_LIMITS: 'drainMs=1000,busyTimeoutMs=60000' })
  const runs = await startRuns(server.url, 10)
  const release = holdWrites(t, home)
  const changes = runs.map((id) => postJson(`${server.url}/api/flow_runs/${id}/set_state`, { state: { type: 'RUNNING', name: 'Running' } }))
  await untilUnderWay(server, changes.length)
  const startedMs = performance.now()
  server.child.kill('SIGTERM')
  const { code } = await server.ended
  assert.ok(performance.now() - startedMs < exitMs + seenMs)
  assert.equal(code, 0)
  for (const { status } of await Promise.all(changes)) assert.ok(status === undefined || status === 503, String(status))
  release()
  const again = await startServerProcess(t, { SPILLWAY_HOME: home })
  for (const id of runs) assert.equal(await stateOf(again.url, id), 'PENDING')
})
