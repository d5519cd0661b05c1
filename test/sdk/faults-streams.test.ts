// Faults between the SDK's event streams and its server: B of the fault catalogue. Those of one emitter or watcher against a peer
// that a test steers stand beside their sources, in packages/sdk/src/events.
import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { deploymentOf, flow, runDeployment, setDefaultSession, task, type ApiClient } from '../../packages/sdk/src/index.ts'
import { systemClock } from '../../packages/sdk/src/clock.ts'
import { registerDeployment } from '../../packages/sdk/src/deployments/deployment.ts'
import { FlowRunWatcher } from '../../packages/sdk/src/events/flow-run-watcher.ts'
import { eventually } from '../faults/eventually.ts'
import { freePort } from '../compat/target.ts'
import { startNginx, testBehind } from '../proxies/lib/proxy-process.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../server/server-process.ts'
import { atEnd } from './at-end.ts'
import { startProxy } from './proxy.ts'
import { sessionWith, type TestSession } from './targets.ts'

const isFull = process.env['SPILLWAY_SOAK'] === '1'
const step = task({ name: 'step' }, (index: number) => index)
const idle = flow({ name: 'idle' }, () => 1)
let server: ServerProcess
let client: ApiClient

before(async () => {
  const hooks = { after: atEnd }
  server = await startServerProcess(hooks, { SPILLWAY_HOME: temporaryFolder(hooks) })
  client = sessionWith(`${server.url}/api`).session.remote!.client
  await registerDeployment(client, deploymentOf(idle as never, { name: 'test' }))
})

async function recorded(flowName: string, count: number): Promise<void> {
  const filter = { flows: { name: { any_: [flowName] } }, task_runs: { state: { type: { any_: ['COMPLETED'] } } } }
  await eventually(async () => (await client.call<number>('POST', '/task_runs/count', filter, { repeatable: true })) === count, `${count} task runs of ${flowName}`, 60)
}

/** Waits for a run that ends only once it is waited for, and tells how long its end took to be seen. */
async function waitForRun({ session }: TestSession): Promise<number> {
  setDefaultSession(session)
  const run = await runDeployment('idle/test', {}, { wait: false, pollEvery: '60s' })
  const ended = run.wait({ timeout: '100s' })
  await eventually(() => session.remote!.watcher.isDeaf || session.remote!.watcher.openStreams === 1, 'the stream to be open or known to be blocked', 60)
  await client.setFlowRunState(run.id, { type: 'COMPLETED' }, true)
  const startMs = performance.now()
  assert.equal((await ended).type, 'COMPLETED')
  return performance.now() - startMs
}

test('an upgrade that nobody answers costs a flow nothing: its events go by HTTP, its waits look for themselves (B01)', async (t) => {
  const proxy = await startProxy(server.url, { onUpgrade: () => true }, t)
  const own = sessionWith(proxy.apiUrl)
  setDefaultSession(own.session)
  const main = flow({ name: 'unanswered' }, async () => {
    const results = await step.map(Array.from({ length: 50 }, (_, index) => index)).results()
    const run = await runDeployment('idle/test', {}, { wait: false, pollEvery: '2s', asSubflow: false })
    const ended = run.wait({ timeout: '30s' })
    await client.setFlowRunState(run.id, { type: 'COMPLETED' }, true)
    assert.equal((await ended).type, 'COMPLETED')
    return results.length
  })
  const outcome = await main.run({}, { session: own.session })
  assert.ok(outcome.ok && outcome.value === 50)
  assert.equal(await own.session.flush(30_000), 0)
  await recorded('unanswered', 50)
  assert.equal(own.log.filter((line) => /stream is blocked/.test(line)).length, 1, own.log.join('\n'))
})

testBehind('nginx', 'behind nginx that drops the upgrade headers nothing is lost, runs are polled, and each stream is dialled once (B02)', async (t) => {
  const drop: [string, string][] = [['proxy_set_header Upgrade    $http_upgrade;', ''], ['proxy_set_header Connection $spillway_connection;', '']]
  const nginx = await startNginx(t, { upstreamPort: Number(new URL(server.url).port), tls: false, change: drop })
  const proxy = await startProxy(nginx.url, {}, t)
  const own = sessionWith(proxy.apiUrl)
  const main = flow({ name: 'stripped' }, async () => await step.map(Array.from({ length: 50 }, (_, index) => index)).results())
  assert.ok((await main.run({}, { session: own.session })).ok)
  await recorded('stripped', 50)
  const tookMs = await waitForRun(own)
  assert.ok(tookMs < 15_000, `${tookMs} ms`)
  assert.deepEqual(proxy.upgrades.toSorted(), ['/api/events/in', '/api/events/out'])
  assert.equal(own.log.filter((line) => /stream is blocked/.test(line)).length, 2, own.log.join('\n'))
})

test('hundreds of watchers whose server dies come back spread, and all of them (B03)', async (t) => {
  const count = isFull ? 2000 : 200
  let port = 0
  // Time goes by when the test lets it: a busy machine would bring many at once who had not been to come at once.
  let nowMs = 0
  let dials: number[] = []
  const ready = new Set<object>()
  const listen = async (): Promise<() => void> => {
    const http = createServer().listen(port, '127.0.0.1', 4096)
    await once(http, 'listening')
    port = (http.address() as AddressInfo).port
    const wss = new WebSocketServer({ server: http, handleProtocols: () => 'prefect' })
    wss.on('connection', (socket) => {
      socket.on('error', () => {})
      socket.once('message', () => {
        socket.send('{"type":"auth_success"}')
        socket.once('message', () => ready.add(socket))
      })
      socket.once('close', () => ready.delete(socket))
    })
    return () => {
      for (const socket of wss.clients) socket.terminate()
      http.close()
      http.closeAllConnections()
    }
  }
  const die = await listen()
  const settings = { apiUrl: `http://127.0.0.1:${port}`, apiKey: undefined, authString: undefined, customHeaders: {} }
  const watchers = Array.from({ length: count }, () => new FlowRunWatcher({ settings, clock: { ...systemClock(), monotonicMs: () => nowMs }, random: Math.random, warn: () => {} }))
  t.after(() => watchers.forEach((watcher) => watcher.close()))
  watchers.forEach((watcher, index) => watcher.watch(String(index), () => {}))
  await eventually(() => ready.size === count, 'all to listen', 60)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  /** Lets time pass until something holds, and whoever dials meanwhile come through. */
  const pass = async (ms: number, isOver = (): boolean => false): Promise<void> => {
    for (const untilMs = nowMs + ms; nowMs < untilMs && !isOver(); ) {
      nowMs += 10
      t.mock.timers.tick(10)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const noteDial = (): void => void dials.push(nowMs)
  diagnostics.subscribe('net.client.socket', noteDial)
  t.after(() => diagnostics.unsubscribe('net.client.socket', noteDial))
  die()
  await pass(1500)
  t.after(await listen())
  dials = []
  await pass(30_000, () => ready.size === count)
  assert.equal(ready.size, count, 'all listen again after half a minute')
  assert.equal(dials.length, count, 'each dialled once')
  const first = Math.min(...dials)
  const tenth = Math.max(10, (Math.max(...dials) - first) / 10)
  const most = Math.max(...Array.from({ length: 10 }, (_, slice) => dials.filter((ms) => Math.floor((ms - first) / tenth) === slice).length))
  assert.ok(most < count * 0.6, `${most} of ${count} in a tenth of the time`)
})

test('a server that hangs while a flow makes many records costs no record, bounded memory, and the flow no second (B07, B08)', async () => {
  const tasks = isFull ? 30_000 : 1500
  const own = sessionWith(`${server.url}/api`)
  const outbox = own.session.remote!.events
  let slowestMs = 0
  let pendingMax = 0
  const main = flow({ name: 'hangs' }, async () => {
    await step(-1)
    server.child.kill('SIGSTOP')
    for (let index = 0; index < tasks; index++) {
      const startMs = performance.now()
      await step(index)
      slowestMs = Math.max(slowestMs, performance.now() - startMs)
      pendingMax = Math.max(pendingMax, outbox.pending)
    }
    await delay(500)
    server.child.kill('SIGCONT')
  })
  const outcome = await main.run({}, { session: own.session })
  assert.ok(outcome.ok)
  assert.ok(slowestMs < 1000, `a task took ${slowestMs} ms`)
  assert.ok(pendingMax > tasks, `${pendingMax} events waited`)
  assert.equal(await own.session.flush(60_000), 0)
  await recorded('hangs', tasks + 1)
  const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['hangs'] } } })
  const filter = { event: { prefix: ['prefect.task-run.'] }, related: { id: [`prefect.flow-run.${run!.id}`] } }
  assert.equal((await client.filterEvents({ filter })).total, (tasks + 1) * 3)
})

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`a server that ends by ${signal} in mid-flow and comes back has everything, without a new record (B04, B05)`, async (t) => {
    const settings = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: String(await freePort()) }
    let mine = await startServerProcess(t, settings)
    const own = sessionWith(`${mine.url}/api`)
    const main = flow({ name: 'restarted' }, async () => {
      await step.map(Array.from({ length: 100 }, (_, index) => index), { window: 10 }).results()
      mine.child.kill(signal)
      await mine.ended
      await step.map(Array.from({ length: 100 }, (_, index) => index), { window: 10 }).results()
      await delay(isFull ? 60_000 : 1000)
      mine = await startServerProcess(t, settings)
    })
    const outcome = await main.run({}, { session: own.session })
    assert.equal(outcome.state.name, 'Completed')
    assert.equal(await own.session.flush(60_000), 0)
    const after = own.session.remote!.client
    const filter = { flows: { name: { any_: ['restarted'] } }, task_runs: { state: { type: { any_: ['COMPLETED'] } } } }
    assert.equal(await after.call<number>('POST', '/task_runs/count', filter, { repeatable: true }), 200)
    const told = own.log.filter((line) => /does not answer|cannot be opened|open again|answers again/.test(line))
    assert.ok(told.length <= 4, told.join('\n'))
  })
}
