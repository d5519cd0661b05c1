import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Artifact } from '@spillway/core/wire/artifacts'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const ofKey = (key: string): Promise<Artifact[]> => client.call<Artifact[]>('POST', '/artifacts/filter', { artifacts: { key: { any_: [key] } } })
const make = (key: string, data: string): Promise<Artifact> => client.createArtifact({ key, type: 'markdown', data })

test('the latest artifact of each key is listed, and with --all every one', async () => {
  const [old, latest] = [await make('report', 'one'), await make('report', 'two')]
  const short = await spillway.ok(['artifact', 'ls'])
  assert.ok(short.includes(latest.id!) && !short.includes(old.id!), short)
  const whole = await spillway.json<Artifact[]>(['artifact', 'ls', '--all'])
  assert.deepEqual(new Set(whole.map(({ id }) => id)), new Set([old.id, latest.id]))
})

test('the artifacts of a key are shown, the latest first', async () => {
  await make('story', 'first')
  await make('story', 'second')
  assert.deepEqual((await spillway.json<Artifact[]>(['artifact', 'inspect', 'story'])).map(({ data }) => data), ['second', 'first'])
  assert.match(await spillway.ok(['artifact', 'inspect', 'story', '--limit', '1']), /^data +second$/m)
})

test('artifacts are deleted by key, and one by its id', async () => {
  await make('doomed', 'a')
  const kept = await make('doomed', 'b')
  await spillway.ok(['artifact', 'delete', '--id', kept.id!, '--yes'])
  assert.deepEqual((await ofKey('doomed')).map(({ data }) => data), ['a'])
  await spillway.ok(['artifact', 'delete', 'doomed', '--yes'])
  assert.deepEqual(await ofKey('doomed'), [])
})

test('a key without artifacts is not found, and saying nothing is a usage error', async () => {
  await make('weekly-report', 'x')
  const { code, stderr } = await spillway.run(['artifact', 'inspect', 'weekly-reprot'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'weekly-report'\?/)
  assert.equal((await spillway.run(['artifact', 'delete'])).code, 2)
})
