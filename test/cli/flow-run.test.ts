/** `spillway flow-run …`, `flow ls`, `task-run …`, against a live server with runs of every kind. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { flow, getRunLogger, task } from '@spillway/sdk'
import { liveFixture, repository } from './lib/command.ts'

type Run = { id: string; name: string; state_name: string; state_type: string; deployment_id: string | null }

const spillway = await liveFixture()
const { client } = spillway.server.session.remote!

const fetchRows = task({ name: 'fetch-rows' }, (region: string) => {
  getRunLogger().info(`rows of ${region}`)
  return region.length
})
const nightly = flow({ name: 'nightly', runName: 'river-night' }, async ({ regions }: { regions: string[] }) => {
  for (let line = 1; line <= 25; line++) getRunLogger().info(`line ${line}`)
  return await fetchRows.map(regions).results()
})
const broken = flow({ name: 'broken', runName: 'broken-dam' }, () => {
  throw new Error('the dam broke')
})
await nightly({ regions: ['north', 'south'] })
await broken().catch(() => {})
await spillway.server.session.flush()
const { id: flowId } = await client.createFlow('waiting')

/** A run that nobody executes. */
async function scheduledRun(name: string): Promise<string> {
  const { id } = await client.createFlowRun({ flow_id: flowId, name, state: { type: 'SCHEDULED', name: 'Scheduled' }, idempotency_key: name })
  return id
}

test('flow runs are listed by flow, state and type, as a table or as the objects of the API', async () => {
  const [table, byState, byType, ofFlow, flows] = await Promise.all([
    spillway.ok(['flow-run', 'ls']),
    spillway.json<Run[]>(['flow-run', 'ls', '--state', 'failed', '--state', 'Crashed']),
    spillway.json<Run[]>(['flow-run', 'ls', '--state-type', 'completed']),
    spillway.ok(['flow-runs', 'ls', '--flow-name', 'nightly', '--limit', '1', '-o', 'json']),
    spillway.ok(['flow', 'ls']),
  ])
  assert.match(table, /^ID +Flow +Name +State +When$/m)
  assert.match(table, /^[0-9a-f-]{36} {2}nightly +river-night +Completed +(just now|\d+ (second|minute)s? ago)$/m)
  assert.match(table, /broken-dam +Failed/)
  assert.deepEqual(byState.map(({ name }) => name), ['broken-dam'])
  assert.deepEqual(byType.map(({ name }) => name), ['river-night'])
  const [expected] = await client.filterFlowRuns({ flow_runs: { name: { any_: ['river-night'] } } })
  const [shown] = JSON.parse(ofFlow) as Record<string, unknown>[]
  // An estimate that is made when a run is read.
  assert.deepEqual({ ...shown, estimated_start_time_delta: 0 }, { ...expected, estimated_start_time_delta: 0 })
  assert.match(flows, /nightly/)
})

test('a state type that does not exist is a usage error that names the ones there are', async () => {
  const { code, stderr } = await spillway.run(['flow-run', 'ls', '--state-type', 'FAILD'])
  assert.equal(code, 2)
  assert.match(stderr, /There is no state type 'FAILD'.\nTypes are SCHEDULED.*did you mean FAILED\?/)
})

test('a run is inspected by id or name; a name that is nearly right brings up the right one', async () => {
  const run = await spillway.json<Run>(['flow-run', 'inspect', 'river-night'])
  const [text, { code, stderr }] = await Promise.all([spillway.ok(['flow-run', 'inspect', run.id]), spillway.run(['flow-run', 'inspect', 'river-nigth'])])
  assert.match(text, /^Flow +nightly$/m)
  assert.match(text, /^State +Completed$/m)
  assert.match(text, /^Parameters +\{"regions":\["north","south"\]\}$/m)
  assert.equal(code, 3)
  assert.match(stderr, /There is no flow run 'river-nigth'.\nDid you mean 'river-night'\?/)
})

test('the web page of a run is opened in the browser, and printed', async () => {
  const browser = path.join(spillway.home, 'browser')
  writeFileSync(browser, '#!/bin/sh\necho "$1" > "$0.opened"\n', { mode: 0o755 })
  const page = await spillway.ok(['flow-run', 'inspect', 'river-night', '--web'], { env: { BROWSER: browser } })
  assert.match(page, new RegExp(`^${spillway.server.apiUrl.replace(/\/api$/, '')}/runs/flow-run/[0-9a-f-]{36}\n$`))
  const { code, stderr } = await spillway.run(['flow-run', 'inspect', 'river-night', '--web'], { env: { BROWSER: '/nowhere/browser' } })
  assert.equal(code, 0)
  assert.match(stderr, /No browser could be opened here/)
})

test('logs are shown whole, from either end, in either direction', async () => {
  const show = async (...options: string[]): Promise<string[]> => {
    const lines = (await spillway.ok(['flow-run', 'logs', 'river-night', ...options])).trimEnd().split('\n')
    return lines.flatMap((line) => /\| INFO +\| Flow run 'river-night' - line (\d+)$/.exec(line)?.[1] ?? [])
  }
  const numbers = Array.from({ length: 25 }, (_, index) => String(index + 1))
  const [all, head, tail, reversed, json] = await Promise.all([
    show(),
    show('-h', '-n', '3'),
    show('--tail', '--num-logs', '10'),
    show('--reverse'),
    spillway.json<{ message: string }[]>(['flow-run', 'logs', 'river-night', '--head', '-n', '2']),
  ])
  assert.deepEqual(all, numbers)
  assert.deepEqual(head, ['1', '2'].slice(0, head.length)) // The engine's own first record is one of the three.
  assert.deepEqual(tail, numbers.slice(-tail.length))
  assert.equal(tail.length, 5) // Behind the last line stand two records of each task run and one of the flow's end.
  assert.deepEqual(reversed, numbers.toReversed())
  assert.equal(json.length, 2)
})

test('logs that are followed come as they are written, until the run has ended', async () => {
  const id = await scheduledRun('followed')
  await client.setFlowRunState(id, { type: 'RUNNING', name: 'Running' }, true)
  const log = (message: string): Promise<void> =>
    client.createLogs([{ name: 'prefect.flow_runs', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: id, task_run_id: null } as never])
  await log('first')
  const following = spillway.start(['flow-run', 'logs', 'followed', '--follow', '--tail'])
  await following.shows(/first/)
  await log('second')
  await following.shows(/second/)
  await client.setFlowRunState(id, { type: 'COMPLETED', name: 'Completed' }, true)
  await log('third')
  const { code, stdout } = await following.ended
  assert.equal(code, 0)
  assert.deepEqual([...stdout.matchAll(/ - (\w+)$/gm)].map(([, message]) => message), ['first', 'second', 'third'])
})

test('watching shows states and logs, and ends with the success of the run', async () => {
  const id = await scheduledRun('watched')
  const watching = spillway.start(['flow-run', 'watch', 'watched'])
  await watching.shows(/is Scheduled/)
  await client.setFlowRunState(id, { type: 'RUNNING', name: 'Running' }, true)
  await watching.shows(/is Running/)
  await client.setFlowRunState(id, { type: 'FAILED', name: 'Failed', message: 'no water' }, true)
  const { code, stdout, stderr } = await watching.ended
  assert.equal(code, 1)
  assert.match(stdout, /Flow run 'watched' is Failed: no water/)
  assert.match(stderr, /The flow run 'watched' ended Failed: no water\.\nIts logs: spillway flow-run logs/)
  await scheduledRun('never')
  const late = await spillway.run(['flow-run', 'watch', 'never', '--timeout', '1'])
  assert.equal(late.code, 1)
  assert.match(late.stderr, /has not ended within 1 seconds; it is Scheduled/)
  assert.equal((await spillway.json<Run>(['flow-run', 'watch', 'river-night'])).state_name, 'Completed')
})

test('a scheduled run is cancelled, and one that has ended is not', async () => {
  await scheduledRun('unwanted')
  assert.match(await spillway.ok(['flow-run', 'cancel', 'unwanted']), /'unwanted' is (being )?cancelled/)
  const { code, stderr } = await spillway.run(['flow-run', 'cancel', 'river-night'])
  assert.equal(code, 1)
  assert.match(stderr, /'river-night' cannot be cancelled: /)
})

test('deleting asks; where nobody can be asked it refuses, and --yes or --no-prompt goes on', async () => {
  const [one, two] = [await scheduledRun('first-to-go'), await scheduledRun('second-to-go')]
  const refused = await spillway.run(['flow-run', 'delete', 'first-to-go'])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /Add --yes/)
  assert.equal((await client.readFlowRun(one)).id, one)
  assert.match(await spillway.ok(['flow-run', 'delete', 'first-to-go', '--yes']), /is deleted/)
  assert.deepEqual(await spillway.json(['flow-run', 'delete', two, '--no-prompt']), { deleted: two })
  assert.equal((await client.filterFlowRuns({ flow_runs: { id: { any_: [one, two] } } })).length, 0)
})

test('a run without a deployment is retried here, with the flow that is named', async () => {
  const file = path.join(spillway.home, 'again.ts')
  writeFileSync(file, `import { flow } from '${path.join(repository, 'packages/sdk/src/index.ts')}'\nexport const again = flow({ name: 'broken' }, () => 'mended')\n`)
  const unnamed = await spillway.run(['flow-run', 'retry', 'broken-dam'])
  assert.equal(unnamed.code, 2)
  assert.match(unnamed.stderr, /Say it: spillway flow-run retry [0-9a-f-]{36} --entrypoint/)
  await spillway.ok(['flow-run', 'retry', 'broken-dam', '-e', `${file}:again`])
  assert.equal((await spillway.json<Run>(['flow-run', 'inspect', 'broken-dam'])).state_name, 'Completed')
  await scheduledRun('not-yet')
  assert.match((await spillway.run(['flow-run', 'retry', 'not-yet'])).stderr, /only one that has ended can be retried/)
})

test('a run of a deployment is retried by scheduling it, and executed where its id is given', async () => {
  const file = path.join(spillway.home, 'deployed.ts')
  writeFileSync(file, `import { flow } from '${path.join(repository, 'packages/sdk/src/index.ts')}'\nexport const waiting = flow({ name: 'waiting' }, () => 'done')\n`)
  const deployment = await client.createDeployment({ name: 'prod', flow_id: flowId, entrypoint: `${file}:waiting`, path: spillway.home })
  const run = await client.createFlowRunFromDeployment(deployment.id, { name: 'deployed' })
  await spillway.ok(['flow-run', 'execute'], { env: { PREFECT__FLOW_RUN_ID: run.id } })
  assert.equal((await client.readFlowRun(run.id)).state_name, 'Completed')
  assert.match(await spillway.ok(['flow-run', 'retry', 'deployed']), /is scheduled again/)
  assert.equal((await client.readFlowRun(run.id)).state_type, 'SCHEDULED')
  await spillway.ok(['flow-run', 'execute', run.id])
  assert.equal((await client.readFlowRun(run.id)).state_name, 'Completed')
})

test('task runs are listed, inspected, and their logs shown', async () => {
  const runs = await spillway.json<Run[]>(['task-run', 'ls'])
  assert.deepEqual(runs.map(({ state_name: state }) => state), ['Completed', 'Completed'])
  const [{ id, name } = { id: '', name: '' }] = runs
  const [table, none, text, logs, missing] = await Promise.all([
    spillway.ok(['task-run', 'ls', '--task-run-name', name, '--state', 'completed']),
    spillway.run(['task-run', 'ls', '--state-type', 'FAILED']),
    spillway.ok(['task-run', 'inspect', id]),
    spillway.ok(['task-run', 'logs', id, '--tail']),
    spillway.run(['task-run', 'inspect', 'fetch-rowz']),
  ])
  assert.match(table, new RegExp(`${id}.*fetch-rows`))
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'There are no such task runs.\n'])
  assert.match(text, /^State +Completed$/m)
  assert.match(logs, /rows of (north|south)/)
  assert.equal(missing.code, 3)
  // Among the logs of the flow run they have the name of the task run.
  assert.match(await spillway.ok(['flow-run', 'logs', 'river-night']), new RegExp(`Flow run 'river-night' - line 1\\n[^]*Task run '${name}' - rows of `))
})
