import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { openForeignLock } from '../faults/foreign-lock.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers, type PeersReport } from './lib/peers.ts'
import { closeCodes } from './lib/scene.ts'

/** Each endpoint with what its peers send first. */
const endpoints: readonly (readonly [path: string, first: object | undefined])[] = [
  ['/api/events/in', undefined],
  ['/api/events/out', { type: 'filter', filter: {}, backfill: false }],
  ['/api/logs/out', { type: 'filter', filter: {} }],
  ['/api/task_runs/subscriptions/scheduled', { type: 'subscribe', keys: ['some.task'], client_id: 'peer' }],
]

/** Fault A12: an HTTP status, or an end before the 101, is final for stock clients. After their first pong, any close is. */
function assertNotFinal(report: PeersReport, codes: readonly string[]): void {
  const final = Object.keys(report.ends).filter((end) => !codes.some((code) => new RegExp(`^(fin|reset) ${code}`).test(end)))
  assert.deepEqual(final, [], JSON.stringify(report.ends))
}

test('while all websockets are taken, each further dial gets its 101 and is asked to come later', { skip: cannotRunPeers }, async (t) => {
  const server = await startFaultServer(t, { limits: { websocketConnections: 20 } })
  const peers = await startPeers(t, server.url)
  await peers.dial({ group: 'holders', count: 20, path: '/api/events/in' })
  for (const [path, first] of endpoints) {
    const report = await peers.dial({ group: path, count: 50, path, pingFirst: true, ...(first && { first }), seconds: 20 })
    assert.equal(report.upgradedMs.count, 50, 'each got its 101')
    assert.deepEqual(closeCodes(report), { 1013: 50 })
    assert.equal(report.authenticatedMs.count, 0)
    assertNotFinal(report, ['1013'])
  }
  // A place that is given up is given on.
  await peers.forget('holders')
  const next = await peers.dial({ group: 'next', count: 10, path: '/api/events/out', first: endpoints[1]![1]!, pingFirst: true, seconds: 20 })
  assert.deepEqual(next.stages, { open: 10 })
})

/** Drains a server under dials of all kinds. Fails for any end that is final but a reset, and gives how many of those there were. */
async function drainUnderDials(t: TestContext): Promise<number> {
  const server = await startFaultServer(t)
  const peers = await startPeers(t, server.url)
  await peers.dial({ group: 'before', count: 200, path: '/api/events/in' })
  let ended = false
  void server.ended.then(() => (ended = true))
  // Groups of their own: a dial is through when its group is.
  for (let round = 0; !ended; round += 1) {
    const dialling = endpoints.map(([path, first]) => peers.dial({ group: path, count: 5, path, pingFirst: true, ...(first && { first }), seconds: 5 }))
    if (round === 20) server.child.kill('SIGTERM')
    await Promise.all(dialling)
  }
  let resets = 0
  for (const [path] of endpoints) {
    const report = await peers.report(path)
    const { reset = 0, 'Connection refused': _, ...told } = report.ends
    assert.ok(Object.keys(told).length > 0, 'some were there when it began')
    assertNotFinal({ ...report, ends: told }, ['1012', '1013'])
    resets += reset
  }
  assertNotFinal(await peers.report('before'), ['1012'])
  assert.deepEqual(await server.ended, { code: 0, signal: null })
  return resets
}

test('while the server drains, each dial is taken and told to come back, or finds nobody listening', { skip: cannotRunPeers }, async (t) => {
  // A dial that reaches the kernel between the server's last look and its close, a fraction of a millisecond later, is reset there.
  const resets: number[] = []
  const clean = (): number => resets.filter((count) => count === 0).length
  while (clean() < 2 && resets.length - clean() < 2) resets.push(await drainUnderDials(t))
  assert.equal(clean(), 2, `dials that were reset in each drain: ${resets.join(' ')}`)
})

test('while the store is locked, dials are taken as ever', { skip: cannotRunPeers }, async (t) => {
  const home = temporaryFolder(t)
  const server = await startFaultServer(t, { env: { SPILLWAY_HOME: home } })
  const peers = await startPeers(t, server.url)
  const lock = openForeignLock(t, home)
  const { release } = await lock.hold()
  for (const [path, first] of endpoints) {
    // Whoever emits gets the answer to its pings when everything is stored: nothing waits here.
    const report = await peers.dial({ group: path, count: 50, path, pingFirst: true, ...(first && { first }), seconds: 10 })
    assert.deepEqual(report.stages, { open: 50 }, `${path}: ${JSON.stringify(report)}`)
  }
  await release()
})

test('what no waiting would mend is refused with a status or with 1008', { skip: cannotRunPeers }, async (t) => {
  const server = await startFaultServer(t, { env: { PREFECT_SERVER_API_AUTH_STRING: 'admin:pass' } })
  const peers = await startPeers(t, server.url)
  const wrongPath = await peers.dial({ group: 'path', count: 1, path: '/api/events/sideways' })
  assert.deepEqual(wrongPath.ends, { 'status 403': 1 })
  const wrongToken = await peers.dial({ group: 'token', count: 1, path: '/api/events/out', token: 'admin:wrong' })
  assert.deepEqual(closeCodes(wrongToken), { 1008: 1 })
  const noHandshake = await peers.dial({ group: 'handshake', count: 1, path: '/api/events/out', subprotocol: '' })
  assert.deepEqual(noHandshake.ends, { 'status 403': 1 })
})
