import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import type { DeploymentSchedule } from '@spillway/core/wire/schedules'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const { id: flowId } = await client.createFlow('nightly')
const make = (name: string, crons: readonly string[] = []): Promise<DeploymentResponse> =>
  client.createDeployment({ name, flow_id: flowId, schedules: crons.map((cron) => ({ schedule: { cron } })) })
const schedulesOf = async ({ id }: DeploymentResponse): Promise<DeploymentSchedule[]> => (await client.readDeployment(id)).schedules

test('schedules of each kind are added, and listed', async () => {
  const deployment = await make('added')
  const create = (...words: string[]): Promise<string> => spillway.ok(['deployment', 'schedule', 'create', 'nightly/added', ...words])
  await create('--cron', '0 3 * * *', '--timezone', 'Europe/Paris')
  await create('--interval', '90m', '--anchor-date', '2026-01-31T09:00:00Z')
  await create('--rrule', '{"rrule": "FREQ=DAILY;BYHOUR=9", "timezone": "Asia/Tokyo"}', '--no-active')
  const [interval, cron, rrule] = ['interval', 'cron', 'rrule'].map((kind) => (one: DeploymentSchedule) => kind in one.schedule)
  const schedules = await schedulesOf(deployment)
  assert.deepEqual(schedules.find(cron!)?.schedule, { cron: '0 3 * * *', timezone: 'Europe/Paris', day_or: true })
  assert.equal((schedules.find(interval!)!.schedule as { interval: number }).interval, 5400)
  assert.deepEqual([schedules.find(rrule!)?.schedule.timezone, schedules.find(rrule!)?.active], ['Asia/Tokyo', false])
  const listed = await spillway.ok(['deployment', 'schedule', 'ls', 'nightly/added'])
  assert.match(listed, /cron: 0 3 \* \* \* \(Europe\/Paris\) +yes/)
  assert.match(listed, /interval: 5400s +yes/)
})

test('a schedule that is none, and one that the server refuses, change nothing', async () => {
  const deployment = await make('kept', ['0 1 * * *'])
  for (const words of [['--cron', '0 1 * * *', '--interval', '5'], [], ['--cron', 'sometimes', '--replace', '--yes']]) {
    assert.equal((await spillway.run(['deployment', 'schedule', 'create', 'nightly/kept', ...words])).code, 2)
  }
  assert.deepEqual((await schedulesOf(deployment)).map(({ schedule }) => 'cron' in schedule && schedule.cron), ['0 1 * * *'])
})

test('schedules are replaced and cleared when somebody says so', async () => {
  const deployment = await make('replaced', ['0 1 * * *', '0 2 * * *'])
  assert.equal((await spillway.run(['deployment', 'schedule', 'replace', 'nightly/replaced', '--cron', '0 4 * * *'])).code, 2)
  await spillway.ok(['deployment', 'schedule', 'replace', 'nightly/replaced', '--cron', '0 4 * * *', '--yes'])
  assert.deepEqual((await schedulesOf(deployment)).map(({ schedule }) => 'cron' in schedule && schedule.cron), ['0 4 * * *'])
  await spillway.ok(['deployment', 'schedule', 'clear', 'nightly/replaced', '--accept-yes'])
  assert.deepEqual(await schedulesOf(deployment), [])
})

test('one schedule is paused, resumed and deleted by its id', async () => {
  const deployment = await make('single', ['0 1 * * *'])
  const id = deployment.schedules[0]!.id
  await spillway.ok(['deployment', 'schedule', 'pause', 'nightly/single', id])
  assert.equal((await schedulesOf(deployment))[0]?.active, false)
  assert.equal((await spillway.run(['deployment', 'schedule', 'pause', 'nightly/single', id])).code, 1)
  await spillway.ok(['deployment', 'schedule', 'resume', 'nightly/single', id])
  assert.equal((await schedulesOf(deployment))[0]?.active, true)
  await spillway.ok(['deployment', 'schedule', 'delete', 'nightly/single', id, '--yes'])
  assert.deepEqual(await schedulesOf(deployment), [])
})

test('with --all the schedules of all deployments rest, and go on', async () => {
  const [one, other] = [await make('all-one', ['0 1 * * *']), await make('all-other', ['0 2 * * *'])]
  const active = async (): Promise<boolean[]> => (await Promise.all([one, other].map(schedulesOf))).flat().map((schedule) => schedule.active)
  await spillway.ok(['deployment', 'schedule', 'pause', '--all', '--yes'])
  assert.deepEqual(await active(), [false, false])
  await spillway.ok(['deployment', 'schedule', 'resume', '--all', '--yes'])
  assert.deepEqual(await active(), [true, true])
})
