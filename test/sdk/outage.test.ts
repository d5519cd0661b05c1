import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { flow, getRunLogger, task, type ApiClient } from '../../packages/sdk/src/index.ts'
import { eventually } from '../faults/eventually.ts'
import { freePort } from '../compat/target.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../server/server-process.ts'
import { startProxy } from './proxy.ts'
import { sessionWith, type TestSession } from './targets.ts'

/** How long the server is away. */
const AWAY_MS = process.env['SPILLWAY_SOAK'] === '1' ? 60_000 : 3000

const step = task({ name: 'step' }, async (index: number) => {
  await delay(index % 5)
  return index
})

/** The task runs that a server has of a flow's only run, and the state of that run. */
async function recorded(client: ApiClient, flowName: string): Promise<{ state: string | null; tasks: Map<string, number>; logs: number }> {
  const [run] = await client.filterFlowRuns({ flows: { name: { any_: [flowName] } } })
  const tasks = new Map<string, number>()
  const runs = { flow_runs: { id: { any_: [run!.id] } } }
  for (let offset = 0; ; offset += 200) {
    const page = await client.filterTaskRuns({ ...runs, offset, limit: 200 })
    for (const { state_name: name } of page) tasks.set(String(name), (tasks.get(String(name)) ?? 0) + 1)
    if (page.length < 200) break
  }
  let logs = 0
  for (let offset = 0; ; offset += 200) {
    const page = await client.filterLogs({ logs: { flow_run_id: { any_: [run!.id] } }, sort: 'TIMESTAMP_ASC', offset, limit: 200 })
    logs += page.filter(({ message }) => message.startsWith('line ')).length
    if (page.length < 200) break
  }
  return { state: run!.state_name, tasks, logs }
}

function warnings({ log }: TestSession): string[] {
  return log.filter((line) => /does not answer|cannot be opened|gave up|dropped|not with the server/.test(line))
}

test('a server that is killed in mid-flow, and back after a while, has every state and log; the flow does not notice', async (t) => {
  const home = temporaryFolder(t)
  const env = { SPILLWAY_HOME: home, PREFECT_SERVER_API_PORT: String(await freePort()) }
  let server: ServerProcess = await startServerProcess(t, env)
  const own = sessionWith(`${server.url}/api`)
  const client = own.session.remote!.client
  let back: Promise<void> | undefined
  const main = flow({ name: 'survives' }, async () => {
    await step.map(Array.from({ length: 200 }, (_, index) => index), { window: 20 }).results()
    server.child.kill('SIGKILL')
    await server.ended
    back = delay(AWAY_MS).then(async () => void (server = await startServerProcess(t, env)))
    for (let line = 0; line < 50; line++) getRunLogger().info(`line ${line}`)
    const results = await step.map(Array.from({ length: 500 }, (_, index) => index), { window: 50 }).results()
    return results.length
  })
  const outcome = await main.run({}, { session: own.session })
  assert.ok(outcome.ok && outcome.value === 500)
  await back
  await eventually(async () => (await recorded(client, 'survives')).tasks.get('Completed') === 700, '700 completed task runs', 60)
  const { state, tasks, logs } = await recorded(client, 'survives')
  assert.deepEqual([state, [...tasks], logs], ['Completed', [['Completed', 700]], 50])
  assert.ok(warnings(own).length <= 2, warnings(own).join('\n'))
})

test('behind a proxy that forbids upgrades events go by HTTP, and nothing is lost', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const proxy = await startProxy(server.url, {
    onUpgrade: (_request, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
      return true
    },
  }, t)
  const own = sessionWith(proxy.apiUrl)
  const main = flow({ name: 'proxied' }, async () => await step.map(Array.from({ length: 300 }, (_, index) => index)).results())
  assert.ok((await main.run({}, { session: own.session })).ok)
  // The end of a flow waits for its events, but not for ever.
  assert.equal(await own.session.flush(60_000), 0)
  const { state, tasks } = await recorded(own.session.remote!.client, 'proxied')
  assert.deepEqual([state, [...tasks]], ['Completed', [['Completed', 300]]])
  assert.equal(proxy.upgrades.length, 1)
  assert.equal(own.log.filter((line) => /stream is blocked/.test(line)).length, 1)
})

test('an overloaded server that asks for time gets it, and the flow ends', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  let refused = 0
  const proxy = await startProxy(server.url, {
    onRequest: (incoming, outgoing) => {
      if (incoming.method !== 'POST' || !incoming.url?.includes('set_state') || refused === 2) return false
      refused++
      incoming.resume()
      outgoing.writeHead(503, { 'retry-after': '1' }).end()
      return true
    },
  }, t)
  const own = sessionWith(proxy.apiUrl)
  const startedMs = performance.now()
  const outcome = await flow({ name: 'overloaded' }, () => 'ok').run({}, { session: own.session })
  assert.equal(outcome.state.name, 'Completed')
  assert.equal(refused, 2)
  assert.ok(performance.now() - startedMs >= 2000, 'nobody came back before Retry-After')
})

test('a server that never comes back costs the records, not the value', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const own = sessionWith(`${server.url}/api`, { SPILLWAY_API_PATIENCE: '1' })
  const main = flow({ name: 'orphaned' }, async () => {
    server.child.kill('SIGKILL')
    await server.ended
    return await step(7)
  })
  const outcome = await main.run({}, { session: own.session })
  assert.ok(outcome.ok && outcome.value === 7)
  assert.ok(own.log.some((line) => /gave up on the API after 1 s.*Completed|COMPLETED.*not recorded/.test(line)), own.log.join('\n'))
})
