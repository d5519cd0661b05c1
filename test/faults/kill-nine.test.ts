import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../compat/target.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { eventually } from './eventually.ts'
import { runLifecycle, type Acknowledged } from './lifecycle.ts'
import { startPython, type PythonPart } from './python.ts'
import { RetryingClient } from './retrying-client.ts'
import { chooseSeed, seededRandom } from './seeded-random.ts'
import { StoredRuns } from './stored-runs.ts'

const rounds = Number(process.env['SPILLWAY_ROUNDS'] ?? (process.env['SPILLWAY_SOAK'] === '1' ? 20 : 6))
const flowsAtOnce = 2
const tasksPerFlow = 100
const lifecycles = 50
/**
 * The latest kill, as a share of a flow's tasks. A script that ends while the server is down has nobody left to send its last
 * events again: no server can make up for that.
 */
const latestKill = 0.75

test(`${rounds} times kill -9 under 200 task runs and 50 lifecycles: all finish, all acknowledged is stored`, async (t) => {
  const seed = chooseSeed()
  const random = seededRandom(seed)
  console.log(`seed ${seed} (SPILLWAY_SEED=${seed} picks the same moments)`)
  const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: String(await freePort()) }
  let server = await startServerProcess(t, env)
  const apiUrl = `${server.url}/api`
  const client = new RetryingClient(apiUrl)
  const stored = new StoredRuns(env.SPILLWAY_HOME)
  t.after(() => {
    stored.close()
    client.close()
  })
  const python = await startPython(t, 'flows', apiUrl)
  await python.all((line) => line['ready'] === true, 1, 'the Python part to be ready')
  const flow = JSON.parse((await client.call('POST', '/flows/', { name: 'raw' })).body) as { id: string }
  const acknowledged: Acknowledged[] = []
  const watch = watchScripts(python, acknowledged)

  let slowestRestartMs = 0
  let acknowledgedAtKills = 0
  for (let round = 1; round <= rounds; round += 1) {
    const moment = watch.whenTasksRan(1 + Math.floor(random() * flowsAtOnce * tasksPerFlow * latestKill))
    const before = acknowledged.length
    python.send({ round, processes: flowsAtOnce, tasks: tasksPerFlow, pause: 0.05 })
    await eventually(() => acknowledged.length > before, 'the first flow run of the round')
    const lifecycle = () => runLifecycle(client, flow.id, () => random() * 0.5, (answer) => acknowledged.push(answer))
    const raw = Promise.all(Array.from({ length: lifecycles }, lifecycle))
    raw.catch(() => {}) // Awaited below; until then another failure may come first.
    await moment
    await delay(random() * 20)
    acknowledgedAtKills += acknowledged.length - before
    server.child.kill('SIGKILL')
    const killedMs = performance.now()
    await server.ended
    server = await startServerProcess(t, env)
    slowestRestartMs = Math.max(slowestRestartMs, performance.now() - killedMs)

    const finishedRaw = await raw
    const ends = await python.all((line) => line['done'] === round, flowsAtOnce, `the scripts of round ${round} to end`)
    assert.ok(ends.every((line) => line['code'] === 0), `the scripts of round ${round} end with 0:\n${python.errors()}`)
    const flowRuns = await python.all((line) => ends.some((end) => end['pid'] === line['flow']), flowsAtOnce, 'the flow runs')
    for (const run of flowRuns) assert.equal(stored.flowRunState(String(run['run'])), 'COMPLETED')
    for (const run of finishedRaw) assert.equal(stored.flowRunState(run), 'COMPLETED')
    const whole = `round ${round}:\n${python.errors()}`
    await eventually(() => stored.openTaskRuns().length === 0, 'every task run to be terminal').catch(() => {
      assert.deepEqual(stored.openTaskRuns(), [], whole)
    })
    for (const line of flowRuns.filter(({ flow: pid }) => !watch.droppedEvents.has(pid))) {
      assert.deepEqual(stored.taskRuns(String(line['run'])), { all: tasksPerFlow, completed: tasksPerFlow }, whole)
    }
    assert.deepEqual(stored.missing(acknowledged), [], `acknowledged and not stored after round ${round}`)
  }
  stored.assertWhole()
  assert.ok(slowestRestartMs < 5_000, `the slowest restart took ${Math.round(slowestRestartMs)} ms`)
  assert.ok(watch.droppedEvents.size <= rounds * 0.4, `${watch.droppedEvents.size} clients dropped their events: too many`)
  console.log(
    JSON.stringify({
      rounds,
      acknowledged: acknowledged.length,
      acknowledgedBeforeKills: acknowledgedAtKills,
      retries: client.retries,
      slowestRestartMs: Math.round(slowestRestartMs),
      clientsThatDroppedEvents: watch.droppedEvents.size,
      taskRuns: stored.count('select count(*) from task_run'),
      events: stored.count('select count(*) from event'),
    }),
  )
})

/** Follows what the scripts tell: acknowledgements, how many tasks ran, and clients that gave their events up. */
function watchScripts(python: PythonPart, acknowledged: Acknowledged[]) {
  /** Processes whose client dropped what it had: a stock client does when its very first handshake breaks. */
  const droppedEvents = new Set<unknown>()
  const ran = new Map<unknown, number>()
  let wakeAt = Infinity
  let wake = (): void => {}
  python.onLine((line) => {
    if (line['answer'] !== undefined && line['kind'] !== 'flows') {
      acknowledged.push({ run: String(line['run']), state: line['state'] as string | null })
    }
    if (line['gave_up'] !== undefined) droppedEvents.add(line['gave_up'])
    if (line['ran'] === undefined) return
    ran.set(line['pid'], (ran.get(line['pid']) ?? 0) + 1)
    const counts = [...ran.values()]
    if (counts.reduce((sum, count) => sum + count) >= wakeAt || Math.max(...counts) >= tasksPerFlow * latestKill) wake()
  })
  return {
    droppedEvents,
    /** Resolves when so many tasks of the next round have begun, or one of its flows is as far as a kill may come. */
    async whenTasksRan(count: number): Promise<void> {
      ran.clear()
      wakeAt = count
      await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}
