import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Automation } from '@spillway/core/wire/automations'
import { liveFixture } from './lib/command.ts'

const spillway = await liveFixture()
const client = spillway.server.session.remote!.client
const read = (id: string): Promise<Automation> => client.call<Automation>('GET', `/automations/${id}`)
const named = (name: string): Promise<Automation[]> => client.call<Automation[]>('POST', '/automations/filter', { automations: { name: { any_: [name] } } })
const make = (name: string): Promise<Automation> => client.call<Automation>('POST', '/automations/', { name, trigger: { type: 'event', posture: 'Reactive', expect: ['order.*'] }, actions: [{ type: 'do-nothing' }] })

test('automations are created from YAML, triggers without a type being event triggers', async () => {
  const file = path.join(spillway.home, 'automations.yaml')
  writeFileSync(
    file,
    `automations:
  - name: first
    trigger: { expect: [order.paid], threshold: 2, within: 60 }
    actions: [{ type: do-nothing }]
  - name: second
    trigger:
      type: compound
      require: any
      within: 60
      triggers: [{ expect: [a] }, { expect: [b] }]
    actions: [{ type: do-nothing }]
`,
  )
  const created = await spillway.json<Automation[]>(['automation', 'create', '--from-file', file])
  assert.deepEqual(created.map(({ name, trigger }) => [name, trigger.type]), [['first', 'event'], ['second', 'compound']])
  assert.match(await spillway.ok(['automation', 'ls']), /^first +yes +2 × order\.paid +do-nothing/m)
})

test('of several automations the good ones are created, and the bad ones told', async () => {
  const json = JSON.stringify([{ name: 'good', trigger: { expect: ['x'] }, actions: [] }, { name: 'bad', trigger: { posture: 'Sideways' }, actions: [] }])
  const { code, stderr } = await spillway.run(['automation', 'create', '--from-json', json])
  assert.equal(code, 1)
  assert.match(stderr, /1 of 2 automations could not be created:\n {2}bad: /)
  assert.equal((await named('good')).length, 1)
})

test('an automation is shown by name and by id, as fields, JSON and YAML', async () => {
  const { id } = await make('shown')
  assert.match(await spillway.ok(['automation', 'inspect', 'shown']), new RegExp(`^id +${id}$`, 'm'))
  assert.equal((await spillway.json<Automation>(['automation', 'inspect', '--id', id])).name, 'shown')
  assert.match(await spillway.ok(['automation', 'inspect', 'shown', '--yaml']), new RegExp(`^trigger:\n(?:  .*\n)+[^]*^id: ${id}$`, 'm'))
})

test('an automation is paused, resumed and replaced', async () => {
  const { id } = await make('changing')
  await spillway.ok(['automation', 'pause', 'changing'])
  assert.equal((await read(id)).enabled, false)
  await spillway.ok(['automation', 'enable', '--id', id])
  assert.equal((await read(id)).enabled, true)
  await spillway.ok(['automation', 'update', '--id', id, '--from-json', '{"name": "changed", "trigger": {"expect": ["other"]}, "actions": [{"type": "do-nothing"}]}'])
  assert.equal((await read(id)).name, 'changed')
})

test('automations are deleted by name or id, and all of them only with --all', async () => {
  const [one, other] = [await make('doomed'), await make('doomed')]
  const { code, stderr } = await spillway.run(['automation', 'delete', 'doomed', '--yes'])
  assert.equal(code, 2)
  assert.ok(stderr.includes(one.id) && stderr.includes(other.id), stderr)
  await spillway.ok(['automation', 'delete', '--id', one.id, '--yes'])
  assert.deepEqual((await named('doomed')).map(({ id }) => id), [other.id])
  await spillway.ok(['automation', 'delete', '--all', '--yes'])
  assert.equal(await client.call('POST', '/automations/count', {}), 0)
})

test('an automation that is not there ends with 3 and a near name', async () => {
  await make('restart-on-crash')
  const { code, stderr } = await spillway.run(['automation', 'inspect', 'restart-on-crsh'])
  assert.equal(code, 3)
  assert.match(stderr, /Did you mean 'restart-on-crash'\?/)
})
