import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../compat/target.ts'
import { eventually } from '../server/in-process.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { runLifecycle, type Acknowledged } from './lifecycle.ts'
import { startPython } from './python.ts'
import { RetryingClient } from './retrying-client.ts'
import { chooseSeed, seededRandom } from './seeded-random.ts'
import { StoredRuns } from './stored-runs.ts'

const rounds = Number(process.env['SPILLWAY_ROUNDS'] ?? 20)
const flowsAtOnce = 2
const tasksPerFlow = 100
const lifecycles = 50

test(`${rounds} times kill -9 under 200 task runs and 50 lifecycles: all finish, and what was acknowledged is stored`, async (t) => {
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
  const python = await startPython(t, 'flows', apiUrl, { PREFECT_LOGGING_LEVEL: 'DEBUG', PREFECT_LOGGING_INTERNAL_LEVEL: 'DEBUG' })
  await python.all((line) => line['ready'] === true, 1, 'the Python part to be ready')
  const flow = JSON.parse((await client.call('POST', '/flows/', { name: 'raw' })).body) as { id: string }

  const acknowledged: Acknowledged[] = []
  /** Clients that dropped their events by themselves: a stock client does when its first handshake breaks. */
  const gaveUp = new Set<unknown>()
  const ran = new Map<unknown, number>()
  let wakeAt = 0
  let wake = (): void => {}
  python.onLine((line) => {
    if (line['answer'] !== undefined && line['kind'] !== 'flows') {
      acknowledged.push({ run: String(line['run']), state: line['state'] as string | null })
    }
    if (line['gave_up'] !== undefined) gaveUp.add(line['gave_up'])
    if (line['ran'] === undefined) return
    ran.set(line['pid'], (ran.get(line['pid']) ?? 0) + 1)
    const counts = [...ran.values()]
    // Never among the last tasks: a script that ends right after the kill has nobody left to send its last events again.
    if (counts.reduce((sum, count) => sum + count) >= wakeAt || Math.max(...counts) >= tasksPerFlow * 0.9) wake()
  })

  let slowestRestartMs = 0
  let acknowledgedAtKills = 0
  for (let round = 1; round <= rounds; round += 1) {
    ran.clear()
    wakeAt = 1 + Math.floor(random() * flowsAtOnce * tasksPerFlow * 0.9)
    const moment = new Promise<void>((resolve) => (wake = resolve))
    const before = acknowledged.length
    python.send({ round, processes: flowsAtOnce, tasks: tasksPerFlow, pause: 0.002 })
    await eventually(() => acknowledged.length > before, 'the first flow run of the round')
    const raw = Array.from({ length: lifecycles }, () =>
      runLifecycle(client, flow.id, () => random() * 0.3, (answer) => acknowledged.push(answer)),
    )
    await moment
    await delay(random() * 20)
    acknowledgedAtKills += acknowledged.length - before
    server.child.kill('SIGKILL')
    const killedAt = Date.now()
    const killedMs = performance.now()
    await server.ended
    server = await startServerProcess(t, env)
    const upAt = Date.now()
    slowestRestartMs = Math.max(slowestRestartMs, performance.now() - killedMs)

    const finishedRaw = await Promise.all(raw)
    const ends = await python.all((line) => line['done'] === round, flowsAtOnce, `the scripts of round ${round} to end`)
    assert.ok(ends.every((line) => line['code'] === 0), `the scripts of round ${round} end with 0:\n${python.errors()}`)
    const flowRuns = await python.all((line) => ends.some((end) => end['pid'] === line['flow']), flowsAtOnce, 'the ids of the flow runs')
    for (const run of [...flowRuns.map((line) => String(line['run'])), ...finishedRaw]) assert.equal(stored.flowRunState(run), 'COMPLETED')
    await eventually(() => stored.openTaskRuns() === 0, `no open task run in round ${round}`).catch(async (error: Error) => {
      console.log('killed at', killedAt, 'up at', upAt, 'ends', JSON.stringify(ends), server.stdout(), server.stderr(), await (await fetch(apiUrl + '/metrics')).text().then((x) => x.split('\n').filter((l) => /^spillway_(events|websocket|limit)/.test(l)).join('\n')))
      console.log(python.errors(), stored.dump())
      throw error
    })
    for (const line of flowRuns) {
      if (gaveUp.has(line['flow'])) continue
      const wanted = { all: tasksPerFlow, completed: tasksPerFlow }
      assert.deepEqual(stored.taskRuns(String(line['run'])), wanted, `task runs of round ${round}\n${python.errors()}`)
    }
    assert.deepEqual(stored.missing(acknowledged), [], `acknowledged and not stored after round ${round}`)
  }
  stored.assertWhole()
  assert.ok(gaveUp.size <= rounds * flowsAtOnce * 0.4, `${gaveUp.size} clients dropped their events, too many for this test to mean much`)
  assert.ok(slowestRestartMs < 5_000, `the slowest restart took ${Math.round(slowestRestartMs)} ms`)
  console.log(
    JSON.stringify({
      rounds,
      acknowledged: acknowledged.length,
      acknowledgedBeforeKills: acknowledgedAtKills,
      clientsThatDroppedEvents: gaveUp.size,
      retries: client.retries,
      slowestRestartMs: Math.round(slowestRestartMs),
      taskRuns: stored.count('select count(*) from task_run'),
      events: stored.count('select count(*) from event'),
    }),
  )
})
