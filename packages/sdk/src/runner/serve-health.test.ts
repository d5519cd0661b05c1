import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test, type TestContext } from 'node:test'
import { deploymentOf, runDeployment, serve, serveTasks, Session, setDefaultSession, task } from '../index.ts'
import { testServer, type TestServer } from '../testing/index.ts'
import { eventually } from '../../../../test/faults/eventually.ts'
import { counted, failing } from './served.fixture.ts'

describe('the endpoint of a process that serves', { timeout: 120_000 }, () => {
  let server: TestServer
  let session: Session
  const said: string[] = []

  before(async () => {
    server = await testServer()
    // Tries are repeated at once: the tests wait for what a server that is back changes, not for jitter.
    session = new Session({ settings: server.session.settings, random: () => 0, logSink: ({ message }) => void said.push(message) })
    setDefaultSession(session)
  })
  afterEach(() => server.faults.reset())
  after(async () => {
    await session.close()
    await server.close()
  })

  /** The address that the log tells of next. */
  async function addressOf(t: TestContext, start: (signal: AbortSignal) => Promise<void>): Promise<{ at: (path: string) => string; stop: () => Promise<void> }> {
    const stopping = new AbortController()
    const from = said.length
    const served = start(stopping.signal)
    const told = (): string | undefined => said.slice(from).find((message) => message.startsWith('health at '))
    await eventually(() => told() !== undefined, 'the address of the endpoint')
    const url = told()!.slice('health at '.length)
    const stop = async (): Promise<void> => {
      stopping.abort()
      await served
    }
    t.after(stop)
    return { at: (path) => url.replace('/health', path), stop }
  }
  const statusOf = async (url: string): Promise<number> => (await fetch(url)).status
  /** Of each series, such as `spillway_client_retries_total`. */
  async function metricsAt(url: string): Promise<Map<string, number>> {
    const lines = (await (await fetch(url)).text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
  }

  test('serve() is ready while it polls, not when the server has been away for longer than the rule, and again when it is back; it is well all the time', async (t) => {
    const { at, stop } = await addressOf(t, (signal) => serve(deploymentOf(counted, { name: 'health' }), { isolate: 'none', pollEvery: 20, health: { port: 0 }, signal }))
    assert.equal(new URL(at('/')).hostname, '127.0.0.1')
    await eventually(async () => (await statusOf(at('/ready'))) === 200, 'the first poll')
    server.faults.away()
    await eventually(async () => (await statusOf(at('/ready'))) === 503, 'the outage to be seen')
    // Whoever restarts what is unwell must not end runs because the server is away.
    const health = await fetch(at('/health'))
    assert.deepEqual([health.status, ((await health.json()) as { api: string }).api], [200, 'away'])
    server.faults.reset()
    await eventually(async () => (await statusOf(at('/ready'))) === 200, 'the outage to be over', 30)
    await stop()
    await assert.rejects(fetch(at('/health')))
  })

  test('the metrics of serve() count its runs by their end, and events that the server has', async (t) => {
    const both = [deploymentOf(counted, { name: 'metrics' }), deploymentOf(failing, { name: 'metrics' })]
    const { at } = await addressOf(t, (signal) => serve(both, { isolate: 'none', pollEvery: 20, health: { port: 0 }, signal }))
    // The endpoint is there first, the deployments are before the first poll.
    await eventually(async () => (await statusOf(at('/ready'))) === 200, 'the first poll')
    const before = await metricsAt(at('/metrics'))
    assert.equal((await runDeployment('counted/metrics')).state?.type, 'COMPLETED')
    assert.equal((await runDeployment('failing/metrics')).state?.type, 'FAILED')
    await session.flush()
    await eventually(async () => (await metricsAt(at('/metrics'))).get('spillway_client_runs_open{kind="flow-run"}') === 0, 'the runs to be settled')
    const now = await metricsAt(at('/metrics'))
    const more = (name: string): number => (now.get(name) ?? 0) - (before.get(name) ?? 0)
    assert.deepEqual(
      ['started_total{kind="flow-run"}', 'ended_total{kind="flow-run",state="completed"}', 'ended_total{kind="flow-run",state="failed"}'].map((name) => more(`spillway_client_runs_${name}`)),
      [2, 1, 1],
    )
    // Two task runs of three states each, at least.
    assert.ok(more('spillway_client_events_confirmed_total') >= 6)
    assert.equal(now.get('spillway_client_events_emitted_total'), now.get('spillway_client_events_confirmed_total'))
    assert.ok(more('spillway_client_calls_total{outcome="ok"}') > 0 && more('spillway_client_logs_sent_total') > 0)
    assert.ok(now.get('spillway_client_streams_opened_total{path="/events/in"}')! >= 1)
    for (const [name, value] of now) assert.ok(Number.isFinite(value), name)
  })

  test('calls are counted by how they end, repetitions apart', async (t) => {
    const { at } = await addressOf(t, (signal) => serve(deploymentOf(counted, { name: 'calls' }), { isolate: 'none', pollEvery: '1h', health: { port: 0 }, signal }))
    await eventually(async () => (await statusOf(at('/ready'))) === 200, 'the first poll')
    const { client } = session.remote!
    const before = await metricsAt(at('/metrics'))
    server.faults.http(503, { times: 2, path: '/health' })
    assert.equal(await client.request('GET /health'), true)
    await assert.rejects(client.call('GET', '/no/such/route'))
    await assert.rejects(client.call('GET', '/health', undefined, { signal: AbortSignal.abort() }))
    const now = await metricsAt(at('/metrics'))
    const more = (name: string): number => now.get(name)! - before.get(name)!
    assert.equal(more('spillway_client_retries_total'), 2)
    assert.ok(more('spillway_client_calls_total{outcome="client-error"}') >= 1)
    assert.equal(more('spillway_client_calls_total{outcome="cancelled"}'), 1)
    assert.equal(more('spillway_client_calls_total{outcome="server-error"}'), 0)
  })

  test('serveTasks() is ready when its stream is open, and counts streams that break and runs by their end', async (t) => {
    const doubled = task({ name: 'doubled-here' }, (x: number) => 2 * x)
    const { at } = await addressOf(t, (signal) => serveTasks(doubled, { health: { port: 0 }, signal }))
    await eventually(async () => (await statusOf(at('/ready'))) === 200, 'the stream to be open')
    assert.equal(await (await doubled.delay(4)).result(), 8)
    const ended = 'spillway_client_runs_ended_total{kind="task-run",state="completed"}'
    await eventually(async () => (await metricsAt(at('/metrics'))).get(ended) === 1, 'the end of the run to be counted')
    const path = '{path="/task_runs/subscriptions/scheduled"}'
    const before = await metricsAt(at('/metrics'))
    server.faults.dropSocket()
    await eventually(async () => (await metricsAt(at('/metrics'))).get(`spillway_client_streams_opened_total${path}`)! > before.get(`spillway_client_streams_opened_total${path}`)!, 'another stream', 30)
    assert.equal((await metricsAt(at('/metrics'))).get(`spillway_client_streams_closed_total${path}`)!, before.get(`spillway_client_streams_closed_total${path}`)! + 1)
  })
})
