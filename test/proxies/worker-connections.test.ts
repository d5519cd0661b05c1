import assert from 'node:assert/strict'
import type { WebSocket } from 'ws'
import { eventually } from '../faults/eventually.ts'
import { startTestServer } from '../server/in-process.ts'
import { openThrough } from './lib/clients.ts'
import { startNginx, testBehind } from './lib/proxy-process.ts'

/** The default of nginx. Each stream takes two. */
const workerConnections = 512
const dialled = 300

testBehind('nginx', `of ${dialled} streams through ${workerConnections} worker connections, those that fit live, and others fit when they go (G03)`, async (t) => {
  const server = await startTestServer(t)
  const proxy = await startNginx(t, {
    upstreamPort: server.port,
    tls: false,
    change: [['worker_connections 16384', `worker_connections ${workerConnections}`], ['worker_processes auto', 'worker_processes 1']],
  })
  const dial = async (count: number): Promise<WebSocket[]> => {
    const outcomes = await Promise.allSettled(Array.from({ length: count }, () => openThrough(t, proxy, '/api/events/out')))
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  }
  const openAtServer = (): Promise<number> => server.metric('spillway_websockets_open{endpoint="events-out",state="open"}')

  const open = await dial(dialled)
  assert.ok(open.length >= 200 && open.length <= workerConnections / 2, `${open.length} are open`)
  assert.match(proxy.output(), new RegExp(`${workerConnections} worker_connections are not enough`))
  await eventually(async () => (await openAtServer()) === open.length, 'the server to hold those that are open, and no remains of the others')
  assert.equal((await server.get('/api/health')).status, 200)

  for (const socket of open.splice(0, 100)) socket.close(1000)
  await eventually(async () => (await openAtServer()) === open.length, 'the closed ones to be gone')
  const further = await dial(80)
  assert.equal(further.length, 80)
  await eventually(async () => (await openAtServer()) === open.length + 80, 'the further ones')
  assert.ok(open.every((socket) => socket.readyState === socket.OPEN), 'none of the first ones was lost')
})
