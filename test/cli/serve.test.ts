/** What runs until it is ended: `flow serve`, `task serve`, `dev`. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { ApiClient, readSdkSettings, type SdkSettings } from '@spillway/sdk'
import { eventually } from '../faults/eventually.ts'
import { commandFixture, liveFixture, repository, type Started } from './lib/command.ts'

const spillway = await liveFixture()
const { client } = spillway.server.session.remote!
const sdk = path.join(repository, 'packages/sdk/src/index.ts')
const quick = { env: { PREFECT_RUNNER_POLL_FREQUENCY: '0.3' } }

async function endedAs(api: ApiClient, id: string): Promise<string | null> {
  await eventually(async () => ['COMPLETED', 'FAILED', 'CRASHED'].includes(String((await api.readFlowRun(id)).state_type)), 'the run to end', 60)
  return (await api.readFlowRun(id)).state_name
}

async function messagesOf(api: ApiClient, id: string): Promise<string[]> {
  return (await api.filterLogs({ logs: { flow_run_id: { any_: [id] } }, sort: 'TIMESTAMP_ASC' })).map(({ message }) => message)
}

function interrupt({ child, ended }: Started): Promise<{ code: number | null }> {
  child.kill('SIGINT')
  return ended
}

test('a flow is served as a deployment with what the options say, and its runs run', async () => {
  const file = path.join(spillway.home, 'served.ts')
  writeFileSync(file, `import { flow } from '${sdk}'\nexport const greet = flow({ name: 'greet' }, ({ name }: { name: string }) => 'Hello, ' + name)\n`)
  const options = ['--name', 'prod', '--tag', 'a', '-t', 'b', '--interval', '3600', '--anchor-date', '2026-01-01T00:30:00Z', '--timezone', 'Europe/Paris', '--description', 'greets', '-v', '7', '--global-limit', '4']
  const serving = spillway.start(['flow', 'serve', 'served.ts:greet', '--with-healthcheck', ...options], { env: { ...quick.env, PREFECT_RUNNER_SERVER_PORT: '0' } })
  const [, health] = await serving.shows(/health at (http:\S+)/)
  await serving.shows(/Runs of it are started by: spillway deployment run 'greet\/prod'/)
  await eventually(async () => (await client.findDeployment('greet', 'prod')) !== undefined, 'the deployment', 60)
  const deployment = (await client.findDeployment('greet', 'prod'))!
  const { tags, description, version, schedules } = deployment
  assert.deepEqual({ tags, description, version, limit: deployment.global_concurrency_limit?.limit }, { tags: ['a', 'b'], description: 'greets', version: '7', limit: 4 })
  const schedule = schedules[0]?.schedule as { interval: number; timezone: string; anchor_date: string }
  assert.deepEqual([schedule.interval, schedule.timezone, Date.parse(schedule.anchor_date)], [3600, 'Europe/Paris', Date.parse('2026-01-01T00:30:00Z')])
  const run = await client.createFlowRunFromDeployment(deployment.id, { parameters: { name: 'dam' } })
  assert.equal(await endedAs(client, run.id), 'Completed')
  assert.equal((await fetch(health!)).status, 200)
  assert.match(await (await fetch(health!.replace('/health', '/metrics'))).text(), /^spillway_client_runs_started_total{kind="flow-run"} 1$/m)
  assert.equal((await interrupt(serving)).code, 0)
  assert.equal((await client.findDeployment('greet', 'prod'))?.paused, true)
})

test('what cannot be served is told with what to do', async () => {
  writeFileSync(path.join(spillway.home, 'empty.ts'), 'export const nothing = 1\n')
  const cases: [args: string[], code: number, message: RegExp][] = [
    [['flow', 'serve', 'flows.py:hello', '--name', 'x'], 2, /Use: prefect flow serve flows\.py:hello/],
    [['flow', 'serve', 'empty.ts', '--name', 'x'], 2, /Write file:flow/],
    [['flow', 'serve', 'empty.ts:hello', '--name', 'x'], 3, /There is no flow of empty\.ts called 'hello'/],
    [['flow', 'serve', 'empty.ts:hello'], 2, /required option '-n, --name <name>'/],
    [['task', 'serve'], 2, /Name some as file:task/],
    [['task', 'serve', 'empty.ts:send'], 3, /There is no task 'send'/],
    [['task', 'serve', '-m', 'nowhere.ts'], 1, /nowhere\.ts cannot be loaded/],
    [['dev', 'nowhere.ts'], 3, /There is no file nowhere\.ts/],
  ]
  await Promise.all(cases.map(async ([args, code, message]) => {
    const ended = await spillway.run(args)
    assert.equal(ended.code, code, `${args.join(' ')}\n${ended.stderr}`)
    assert.match(ended.stderr, message)
  }))
})

test('tasks are served, and what is left to them by delay() is done', async () => {
  const file = path.join(spillway.home, 'mail.ts')
  writeFileSync(file, `import { task } from '${sdk}'\nexport const sendMail = task({ name: 'send-mail', taskKey: 'send-mail-cli', result: { persist: true } }, (to: string) => 'sent to ' + to)\n`)
  // Arguments of what is left to others lie in a folder that both can read.
  const serving = spillway.start(['task', 'serve', 'mail.ts:sendMail', '--limit', '2'], { env: { PREFECT_LOCAL_STORAGE_PATH: spillway.server.session.settings.resultsFolder } })
  await serving.shows(/Serving send-mail-cli/)
  const { sendMail } = (await import(file)) as { sendMail: { delay(to: string): Promise<{ taskRunId: string }> } }
  const { taskRunId } = await sendMail.delay('dam@example.org')
  await eventually(async () => (await spillway.json<{ state_name: string }>(['task-run', 'inspect', taskRunId])).state_name === 'Completed', 'the task run', 60)
  assert.equal((await interrupt(serving)).code, 0)
})

test('dev serves a project; a changed file counts for new runs only; Ctrl-C ends all', async (t) => {
  const { home, start, run } = commandFixture({ PREFECT_SERVER_API_PORT: '0', SPILLWAY_HOME: '' })
  const project = path.join(home, 'project')
  mkdirSync(project)
  const write = (version: string): void =>
    writeFileSync(path.join(project, 'flows.ts'), [
      `import { existsSync } from 'node:fs'`,
      `import { setTimeout as delay } from 'node:timers/promises'`,
      `import { flow, getRunLogger } from '${sdk}'`,
      `import { mark } from './mark.ts'`,
      `export const hello = flow({ name: 'hello' }, async () => {`,
      `  getRunLogger().info('begun')`,
      `  while (!existsSync('go')) await delay(50)`,
      `  getRunLogger().info('${version} ' + mark)`,
      `})`,
    ].join('\n'))
  writeFileSync(path.join(project, 'mark.ts'), `export const mark = 'x'\n`)
  write('one')
  const session = start(['dev', 'flows.ts'], { cwd: project })
  t.after(() => session.child.kill('SIGKILL'))
  const [, apiUrl] = await session.shows(/export PREFECT_API_URL=(\S+)/)
  const api = new ApiClient({ settings: { ...readSdkSettings({ HOME: home }), apiUrl } as SdkSettings })
  t.after(() => api.close())
  await session.shows(/Serving hello\/dev/)
  await eventually(async () => (await api.findDeployment('hello', 'dev')) !== undefined, 'the deployment', 60)
  const { id } = (await api.findDeployment('hello', 'dev'))!
  const before = await api.createFlowRunFromDeployment(id, {})
  await eventually(async () => (await messagesOf(api, before.id)).includes('begun'), 'the first run to begin', 60)

  const second = await run(['dev', 'flows.ts'], { cwd: project })
  assert.equal(second.code, 1)
  assert.match(second.stderr, /This project has a server already: http:\S+, process \d+\.\nUse it \(export PREFECT_API_URL=/)

  writeFileSync(path.join(project, 'flows.ts'), 'export const hello = (\n')
  await session.shows(/The flows stay as they were; correct the file/)
  write('two')
  await session.shows(/(Serving hello\/dev[^]*){2}/)
  writeFileSync(path.join(project, 'mark.ts'), `export const mark = 'y'\n`)
  await session.shows(/mark\.ts has changed\.[^]*Serving hello\/dev/)
  const after = await api.createFlowRunFromDeployment(id, {})
  writeFileSync(path.join(project, 'go'), '')
  assert.deepEqual([await endedAs(api, before.id), await endedAs(api, after.id)], ['Completed', 'Completed'])
  await eventually(async () => (await messagesOf(api, after.id)).includes('two y') && (await messagesOf(api, before.id)).includes('one x'), 'the logs', 60)

  const { code } = await interrupt(session)
  assert.equal(code, 0)
  await assert.rejects(fetch(`${apiUrl}/health`))
})
