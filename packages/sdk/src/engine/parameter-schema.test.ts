import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { parameterFault } from '@spillway/core/domain/parameter-schema'
import { parameterSchemaOf } from './parameter-schema.ts'

const Point = z.object({ x: z.number(), y: z.number() }).meta({ id: 'Point' })
const schema = z.object({
  day: z.iso.date().describe('the day to load'),
  dryRun: z.boolean().default(false),
  from: Point,
  to: Point.optional(),
  note: z.string().nullable(),
})

test('a schema becomes the form of a deployment: titles, positions, definitions, and only what is needed is required', () => {
  const form = parameterSchemaOf(schema)
  assert.equal(form.title, 'Parameters')
  assert.deepEqual(form.required, ['day', 'from', 'note'])
  assert.deepEqual(Object.entries(form.properties).map(([name, property]) => [name, (property as { position: number }).position]), [['day', 0], ['dryRun', 1], ['from', 2], ['to', 3], ['note', 4]])
  assert.deepEqual(form.definitions && Object.keys(form.definitions), ['Point'])
  assert.doesNotMatch(JSON.stringify(form), /\$defs|\$schema/)
})

test('the form accepts and refuses what the flow does', () => {
  const form = parameterSchemaOf(schema) as unknown as Record<string, unknown>
  const good = { day: '2026-01-01', from: { x: 1, y: 2 }, note: null }
  assert.equal(parameterFault(good, form as never), undefined)
  assert.notEqual(parameterFault({ ...good, from: { x: 'one', y: 2 } }, form as never), undefined)
  assert.notEqual(parameterFault({ day: '2026-01-01' }, form as never), undefined)
})

test('a schema that gives no JSON Schema makes an empty form, in which everything passes', () => {
  const bare = { '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) } } as const
  assert.deepEqual(parameterSchemaOf(bare), { title: 'Parameters', type: 'object', properties: {} })
  assert.deepEqual(parameterSchemaOf(undefined), { title: 'Parameters', type: 'object', properties: {} })
})
