import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import test from 'node:test'
import { freePort } from '../compat/target.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { openForeignLock } from './foreign-lock.ts'
import { eventually } from './eventually.ts'
import { assertHealthy, probeHealth } from './health.ts'
import { runLifecycle } from './lifecycle.ts'
import { startPython } from './python.ts'
import { RetryingClient, sendOnce } from './retrying-client.ts'
import { StoredRuns } from './stored-runs.ts'

/**
 * A client asks for a sign of life 20 s after it connected and waits 20 s for it. The long stall comes when the emitters are old
 * enough for that time to run out within it, so that all of them reconnect and send everything again.
 */
const stalls = [
  { stallSeconds: 12, emitterAgeSeconds: 2, reconnectsMax: 0 },
  ...(process.env['SPILLWAY_SOAK'] === '1' ? [{ stallSeconds: 30, emitterAgeSeconds: 14, reconnectsMax: 2 }] : []),
]
const processes = 5
const emittersEach = 10
const emitters = processes * emittersEach
const eventsPerSecond = 5

for (const { stallSeconds, emitterAgeSeconds, reconnectsMax } of stalls) {
  const what = `${emitters} stock emitters lose nothing in a ${stallSeconds} s stall of the store, and a stock flow runs on`
  test(what, async (t) => {
    const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: String(await freePort()) }
    const server = await startServerProcess(t, env)
    const apiUrl = `${server.url}/api`
    const client = new RetryingClient(apiUrl)
    const agent = new Agent()
    const stored = new StoredRuns(env.SPILLWAY_HOME)
    t.after(() => {
      stored.close()
      client.close()
      agent.destroy()
    })
    const metric = async (line: string): Promise<number> => {
      const text = (await sendOnce(agent, 'GET', `${apiUrl}/metrics`)).body
      return Number(text.split('\n').find((candidate) => candidate.startsWith(`${line} `))?.slice(line.length + 1) ?? 0)
    }
    const handshakes = () => metric('spillway_websocket_handshakes_total{endpoint="events-in",outcome="accepted"}')
    const flow = JSON.parse((await client.call('POST', '/flows/', { name: 'raw' })).body) as { id: string }
    const scripts = await startPython(t, 'flows', apiUrl)
    await scripts.all((line) => line['ready'] === true, 1, 'the flows to be ready')
    const parts = await Promise.all(
      Array.from({ length: processes }, (_, n) =>
        startPython(t, 'emitters', apiUrl, [String(n * emittersEach), String(emittersEach), String(eventsPerSecond)]),
      ),
    )
    await Promise.all(parts.map((part) => part.all((line) => 'connected' in line, emittersEach, 'the emitters to connect')))
    await eventually(() => ticks(stored) >= emitters * eventsPerSecond * emitterAgeSeconds * 0.8, 'events of all', 60)
    const connectedBefore = await handshakes()
    assert.equal(connectedBefore, emitters)
    const memoryBeforeMiB = residentMiB(server.child.pid!)

    scripts.send({ round: 1, processes: 1, tasks: 20, pause: 0.2 })
    await scripts.all((line) => line['ran'] !== undefined, 3, 'the flow to be under way')
    const lock = openForeignLock(t, env.SPILLWAY_HOME)
    const { release } = await lock.hold()
    const storedAtStall = ticks(stored)
    const health = probeHealth(t, server.url, stallSeconds)
    const refused = sendOnce(agent, 'POST', `${apiUrl}/flows/`, { name: 'refused' })
    const lifecycle = () => runLifecycle(client, flow.id, () => 0.01, () => {})
    const lifecycles = Promise.all(Array.from({ length: 20 }, lifecycle))
    lifecycles.catch(() => {}) // Awaited below; until then another failure may come first.
    assertHealthy(await health)
    const memoryAtEndMiB = residentMiB(server.child.pid!)
    assert.equal(ticks(stored), storedAtStall, 'the store was stalled')
    const { atMs } = await release()
    const { status, headers } = await refused
    // The writer waits 10 s for the file, and a write may come too late for one such wait and go into the next.
    if (stallSeconds > 20) assert.equal(status, 503, 'a write that waited for long is refused as passing')
    if (status === 503) assert.match(String(headers['retry-after']), /^\d+$/)
    await eventually(() => ticks(stored) > storedAtStall, 'events again')
    const firstAfterMs = performance.now() - atMs
    for (const part of parts) part.send({ stop: true })
    const ends = parts.map((part) => part.all((line) => 'emitted' in line, emittersEach, 'everything to be confirmed'))
    const totals = (await Promise.all(ends)).flat()
    const confirmedAfterMs = performance.now() - atMs
    const failedEmits = parts.flatMap((part) => part.soFar((line) => 'failed' in line)).length
    for (const { emitter, emitted } of totals) {
      const events = `count(distinct json_extract(body, '$.payload.n')) || ' of ' || count(*)`
      const found = stored.text(`select ${events} from event where resource_id = ?`, `stall.emitter.${String(emitter)}`)
      assert.equal(found, `${String(emitted)} of ${String(emitted)}`, `events of emitter ${String(emitter)}, each once`)
    }
    const emitted = totals.reduce((sum, line) => sum + Number(line['emitted']), 0)
    const reconnects = (await handshakes()) - connectedBefore - 1 // The flow has a socket of its own.
    const again = await metric('spillway_events_received_total{way="store",outcome="duplicate"}')
    await lifecycles
    const [end] = await scripts.all((line) => line['done'] === 1, 1, 'the flow to end', 120_000)
    assert.equal(end?.['code'], 0, `the flow ends with 0:\n${scripts.errors()}`)
    const [begun] = await scripts.all((line) => line['flow'] !== undefined, 1, 'the flow run')
    await eventually(() => stored.openTaskRuns().length === 0, 'every task run to be terminal')
    assert.deepEqual(stored.taskRuns(String(begun?.['run'])), { all: 20, completed: 20 })
    stored.assertWhole()
    console.log(
      JSON.stringify({
        stallSeconds, emitted, reconnects, storedAgain: again, firstAfterMs: Math.round(firstAfterMs),
        confirmedAfterMs: Math.round(confirmedAfterMs), memoryBeforeMiB, memoryAtEndMiB, failedEmits, health: await health, retries: client.retries,
      }),
    )
    assert.ok(reconnects <= reconnectsMax * emitters, `${reconnects} reconnections`)
    // Whoever reconnects sends again what was stored before the stall and not confirmed yet; the events of the stall go in once.
    assert.ok(again <= (reconnects > 0 ? storedAtStall : 0), `${again} events twice, ${storedAtStall} came before the stall`)
    assert.ok(firstAfterMs < 5_000, `the store took ${firstAfterMs} ms to go on`)
    assert.ok(confirmedAfterMs < 15_000, `all was confirmed only after ${confirmedAfterMs} ms`)
    assert.ok(memoryAtEndMiB - memoryBeforeMiB < 100, `the server grew from ${memoryBeforeMiB} to ${memoryAtEndMiB} MiB`)
  })
}

function ticks(stored: StoredRuns): number {
  return stored.count(`select count(*) from event where event = 'stall.tick'`)
}

/** Resident memory where the system tells it; elsewhere 0. */
function residentMiB(pid: number): number {
  if (process.platform !== 'linux') return 0
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
}
