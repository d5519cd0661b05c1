import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveFixture } from './lib/command.ts'

interface TagLimit {
  readonly id: string
  readonly tag: string
  readonly concurrency_limit: number
  readonly active_slots: string[]
}

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const read = (tag: string): Promise<TagLimit> => client.call<TagLimit>('GET', `/concurrency_limits/tag/${tag}`)

test('a limit on a tag is created, shown and listed', async () => {
  await spillway.ok(['concurrency-limit', 'create', 'warehouse', '3'])
  assert.equal((await read('warehouse')).concurrency_limit, 3)
  assert.equal((await spillway.json<TagLimit>(['concurrency-limits', 'inspect', 'warehouse'])).tag, 'warehouse')
  assert.match(await spillway.ok(['concurrency-limit', 'ls']), /^warehouse +3 +0/m)
})

test('resetting a limit frees the slots that are taken', async () => {
  await spillway.ok(['concurrency-limit', 'create', 'stuck', '2'])
  await client.call('POST', '/concurrency_limits/increment', { names: ['stuck'], task_run_id: '0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1' })
  assert.match(await spillway.ok(['concurrency-limit', 'inspect', 'stuck']), /0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1/)
  await spillway.ok(['concurrency-limit', 'reset', 'stuck'])
  assert.deepEqual((await read('stuck')).active_slots, [])
})

test('a limit is deleted, and is then not found', async () => {
  await spillway.ok(['concurrency-limit', 'create', 'doomed', '1'])
  await spillway.ok(['concurrency-limit', 'delete', 'doomed', '--yes'])
  const { code, stderr } = await spillway.run(['concurrency-limit', 'inspect', 'doomed'])
  assert.equal(code, 3)
  assert.match(stderr, /spillway concurrency-limit create doomed/)
})

test('a limit that is no whole number is refused', async () => {
  const { code, stderr } = await spillway.run(['concurrency-limit', 'create', 'odd', 'many'])
  assert.equal(code, 2)
  assert.match(stderr, /whole number/)
})
