import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { BlockDocument } from '@spillway/core/wire/block-documents'
import type { BlockType } from '@spillway/core/wire/block-types'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const typeFile = path.join(spillway.home, 'crm-login.yaml')
writeFileSync(
  typeFile,
  `slug: crm-login
name: CRM Login
description: How to get into the CRM
fields:
  properties:
    user: { type: string, title: User }
    token: { type: string, title: Token, format: password }
  required: [user]
  secret_fields: [token]
`,
)
await spillway.ok(['block', 'register', '--file', typeFile])
const make = (name: string): Promise<string> => spillway.ok(['block', 'create', 'crm-login', '--name', name, '--data', '{"user": "ada", "token": "t0p"}'])

test('a type of block is registered from a file, shown and listed', async () => {
  assert.equal((await client.findBlockType('crm-login'))?.description, 'How to get into the CRM')
  const shown = await spillway.json<{ schema: { fields: { secret_fields: string[] } } }>(['block', 'type', 'inspect', 'crm-login'])
  assert.deepEqual(shown.schema.fields.secret_fields, ['token'])
  const types = await spillway.json<BlockType[]>(['block', 'type', 'ls'])
  assert.ok(types.length > 5 && types.some(({ slug }) => slug === 'crm-login'))
  assert.match(await spillway.ok(['block', 'create', 'crm-login']), /^user +string \(required\)\ntoken +string \(secret\)$/m)
})

test('a block is created and shown, its secrets only masked', async () => {
  await make('prod')
  assert.deepEqual((await client.findBlock('crm-login', 'prod'))?.data, { user: 'ada', token: 't0p' })
  const shown = await spillway.ok(['block', 'inspect', 'crm-login/prod'])
  assert.match(shown, /^user +ada$/m)
  assert.ok(!shown.includes('t0p'), shown)
  const [listed] = await spillway.json<BlockDocument[]>(['blocks', 'ls'])
  assert.equal(listed?.name, 'prod')
  assert.equal((await spillway.json<BlockDocument>(['block', 'inspect', '--id', listed.id])).id, listed.id)
})

test('a block is deleted, and one that is not there has near names', async () => {
  await make('doomed')
  const { code, stderr } = await spillway.run(['block', 'delete', 'crm-login/domed', '--yes'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'crm-login\/doomed'/)
  await spillway.ok(['block', 'delete', 'crm-login/doomed', '--yes'])
  assert.equal(await client.findBlock('crm-login', 'doomed'), undefined)
})

test('a type of block is deleted, one of the server is not', async () => {
  await client.createBlockType({ name: 'Doomed', slug: 'doomed-type' })
  await spillway.ok(['block', 'type', 'delete', 'doomed-type', '--yes'])
  assert.equal(await client.findBlockType('doomed-type'), undefined)
  const refused = await spillway.run(['block', 'type', 'delete', 'secret', '--yes'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /belongs to the server/)
  assert.ok(await client.findBlockType('secret'))
})

test('blocks in Python are left to Python', async () => {
  const { code, stderr } = await spillway.run(['block', 'register', '--file', 'my_blocks.py'])
  assert.equal(code, 2)
  assert.match(stderr, /prefect block register --file my_blocks\.py/)
})
