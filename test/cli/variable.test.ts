import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client

test('a variable is set as JSON where it is JSON, and as text where it is not', async () => {
  await spillway.ok(['variable', 'set', 'region', 'eu', '--tag', 'geo', '--tag', 'prod'])
  await spillway.ok(['variable', 'set', 'limits', '{"rows": [500]}'])
  assert.deepEqual((await client.findVariable('limits'))?.value, { rows: [500] })
  const region = await client.findVariable('region')
  assert.deepEqual([region?.value, region?.tags], ['eu', ['geo', 'prod']])
})

test('a variable that is there is changed only with --overwrite', async () => {
  await spillway.ok(['variable', 'set', 'stage', 'one'])
  const refused = await spillway.run(['variable', 'set', 'stage', 'two'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /--overwrite/)
  assert.equal((await client.findVariable('stage'))?.value, 'one')
  await spillway.ok(['variable', 'set', 'stage', 'two', '--overwrite'])
  assert.equal((await client.findVariable('stage'))?.value, 'two')
})

test('variables are read one by one, and listed as a table and as JSON', async () => {
  await client.createVariable({ name: 'readable', value: { deep: true } })
  assert.deepEqual(JSON.parse(await spillway.ok(['variable', 'get', 'readable'])), { deep: true })
  assert.equal((await spillway.json<{ name: string }>(['variable', 'inspect', 'readable'])).name, 'readable')
  assert.match(await spillway.ok(['variable', 'ls']), /^Name .*\n(.*\n)*readable +\{"deep":true\}/m)
  const [first] = await spillway.json<{ name: string }[]>(['variable', 'ls', '--limit', '1'])
  assert.ok(first)
})

test('a variable is deleted only when somebody says so', async () => {
  await client.createVariable({ name: 'doomed', value: 1 })
  assert.equal((await spillway.run(['variable', 'unset', 'doomed'])).code, 2)
  assert.ok(await client.findVariable('doomed'))
  await spillway.ok(['variable', 'delete', 'doomed', '--yes'])
  assert.equal(await client.findVariable('doomed'), undefined)
})

test('a variable that is not there ends with 3 and a near name', async () => {
  await client.createVariable({ name: 'timezone', value: 'UTC' })
  const { code, stderr } = await spillway.run(['variable', 'get', 'timezon'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'timezone'\?/)
})
