import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { ConcurrencyLimitV2 } from '@spillway/core/wire/concurrency-limits'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const read = (name: string): Promise<ConcurrencyLimitV2> => client.call<ConcurrencyLimitV2>('GET', `/v2/concurrency_limits/${name}`)

test('a global limit is created with its slots and its decay', async () => {
  await spillway.ok(['global-concurrency-limit', 'create', 'crm-api', '--limit', '5', '--slot-decay-per-second', '0.5', '--active-slots', '1'])
  const limit = await read('crm-api')
  assert.deepEqual([limit.limit, limit.slot_decay_per_second, limit.active], [5, 0.5, true])
  await spillway.ok(['gcl', 'create', 'sleeping', '-l', '1', '--disable'])
  assert.equal((await read('sleeping')).active, false)
})

test('a global limit is changed, enabled and disabled, and a change that changes nothing is refused', async () => {
  await spillway.ok(['gcl', 'create', 'changing', '--limit', '1'])
  assert.equal((await spillway.json<ConcurrencyLimitV2>(['gcl', 'update', 'changing', '--limit', '9'])).limit, 9)
  await spillway.ok(['gcl', 'disable', 'changing'])
  assert.equal((await read('changing')).active, false)
  assert.equal((await spillway.run(['gcl', 'disable', 'changing'])).code, 1)
  await spillway.ok(['gcl', 'enable', 'changing'])
  assert.equal((await read('changing')).active, true)
  assert.equal((await spillway.run(['gcl', 'update', 'changing'])).code, 2)
})

test('global limits are listed, and one is written to a file', async () => {
  await spillway.ok(['gcl', 'create', 'filed', '--limit', '4'])
  assert.match(await spillway.ok(['gcl', 'ls']), /^filed +yes +4 +0/m)
  const file = path.join(spillway.home, 'limit.json')
  await spillway.ok(['gcl', 'inspect', 'filed', '--json', '--file', file])
  assert.equal((JSON.parse(readFileSync(file, 'utf8')) as ConcurrencyLimitV2).limit, 4)
  assert.match(await spillway.ok(['gcl', 'inspect', 'filed']), /^limit +4$/m)
})

test('a global limit is deleted, and a name that is nearly right is suggested', async () => {
  await spillway.ok(['gcl', 'create', 'doomed', '--limit', '4'])
  const { code, stderr } = await spillway.run(['gcl', 'delete', 'domed', '--yes'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'doomed'\?/)
  await spillway.ok(['gcl', 'delete', 'doomed', '--yes'])
  await assert.rejects(read('doomed'), /404/)
})
