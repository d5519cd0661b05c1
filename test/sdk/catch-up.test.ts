import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../faults/eventually.ts'
import { startProgram } from './processes.ts'
import { sessionWith, startTarget } from './targets.ts'

const file = fileURLToPath(new URL('./flows/catching-up.ts', import.meta.url))
const dayMs = 86_400_000

test('a process that was away runs what its deployments want of the late runs, and the others say why they were skipped', async () => {
  const target = await startTarget('Spillway', { PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS: '0.5' })
  const { session, env } = sessionWith(target.apiUrl)
  const { client } = session.remote!
  // Half a day from each of the runs, so that none comes due during the test.
  const newest = new Date(Date.now() - dayMs / 2)
  const program = () => startProgram(file, { ...env, ANCHOR: newest.toISOString() })
  const flows = ['latest', 'all', 'timely'] as const

  const before = program()
  const ids = new Map<string, string>()
  await eventually(async () => {
    for (const name of flows) ids.set(name, (await client.findDeployment(`ts-catch-up-${name}`, 'test'))?.id ?? '')
    return ![...ids.values()].includes('')
  }, 'the deployments to be served', 60)
  process.kill(-before.child.pid!, 'SIGKILL')
  await before.ended
  const body = { start_time: new Date(newest.getTime() - 2 * dayMs).toISOString(), end_time: newest.toISOString(), min_runs: 3, max_runs: 3 }
  for (const id of ids.values()) await client.request('POST /deployments/{id}/schedule', { path: { id }, body })

  program()
  let seen: Awaited<ReturnType<typeof client.filterFlowRuns>> = []
  await eventually(async () => {
    seen = await client.filterFlowRuns({ flow_runs: { expected_start_time: { before_: new Date().toISOString() } }, sort: 'EXPECTED_START_TIME_ASC' })
    return seen.length === 9 && seen.every(({ state_type: type }) => type === 'COMPLETED' || type === 'CANCELLED')
  }, 'all late runs to end', 60)
  const statesOf = (name: string) => seen.filter(({ deployment_id: id }) => id === ids.get(name)).map(({ state_name: state }) => state)
  assert.deepEqual(flows.map(statesOf), [
    ['Skipped', 'Skipped', 'Completed'],
    ['Completed', 'Completed', 'Completed'],
    ['Skipped', 'Skipped', 'Completed'],
  ])
  const messages = seen.flatMap(({ state_name: name, state }) => (name === 'Skipped' ? [state?.message ?? ''] : []))
  assert.equal(messages.filter((message) => /^Due .*; a newer run of the schedule was due/.test(message)).length, 2)
  assert.equal(messages.filter((message) => /^Due .* within 129600 s/.test(message)).length, 2)
})
