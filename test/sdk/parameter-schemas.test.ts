import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type as ark } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { parameterFault } from '../../packages/core/src/domain/parameter-schema.ts'
import { flow, jsonSchema, ParameterValidationError, setDefaultSession, type StandardSchema } from '../../packages/sdk/src/index.ts'
import { parameterSchemaOf } from '../../packages/sdk/src/engine/parameter-schema.ts'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { cleanEnvironment } from '../compat/target.ts'
import { sessionWith } from './targets.ts'

const Point = z.object({ x: z.number(), y: z.number() }).meta({ id: 'Point' })
const schemas: Record<string, StandardSchema> = {
  zod: z.object({ day: z.string(), level: z.enum(['a', 'b']), where: Point, times: z.int().default(1), note: z.string().nullable().default(null), tags: z.array(z.string()).default([]) }),
  valibot: toStandardJsonSchema(v.object({
    day: v.string(),
    level: v.picklist(['a', 'b']),
    where: v.object({ x: v.number(), y: v.number() }),
    times: v.optional(v.pipe(v.number(), v.integer()), 1),
    note: v.optional(v.nullable(v.string()), null),
    tags: v.optional(v.array(v.string()), []),
  })),
  arktype: ark({ day: 'string', level: "'a' | 'b'", where: { x: 'number', y: 'number' }, times: 'number.integer = 1', note: 'string | null = null', tags: ark('string[]').default(() => []) }),
  'plain JSON Schema': jsonSchema({
    type: 'object',
    properties: {
      day: { type: 'string' },
      level: { enum: ['a', 'b'] },
      where: { $ref: '#/$defs/Point' },
      times: { type: 'integer', default: 1 },
      note: { type: ['string', 'null'], default: null },
      tags: { type: 'array', items: { type: 'string' }, default: [] },
    },
    required: ['day', 'level', 'where'],
    $defs: { Point: { type: 'object', properties: { x: { type: 'number' }, y: { type: 'number' } }, required: ['x', 'y'] } },
  }),
}

/** Without what libraries decide for themselves: the order of the form, titles of nested fields, and whether a part has a name. */
function comparable(part: unknown, definitions: Record<string, unknown> = {}): unknown {
  if (Array.isArray(part)) return part.map((one) => comparable(one, definitions))
  if (typeof part !== 'object' || part === null) return part
  const { $ref, ...rest } = part as { $ref?: string }
  const whole = { ...(typeof $ref === 'string' ? (definitions[$ref.replace('#/definitions/', '')] as object) : {}), ...rest }
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !['position', 'title', 'definitions'].includes(key)).map(([key, value]) => [key, key === 'required' ? (value as string[]).toSorted() : comparable(value, definitions)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

describe('the parameter schema of a deployment', () => {
  let python: Record<string, unknown>

  before(async () => {
    const { python: command } = await ensurePrefect('3.8.8')
    const file = fileURLToPath(new URL('python/parameter_schema.py', import.meta.url))
    const { stdout } = await promisify(execFile)(command, [file], { env: cleanEnvironment({ DO_NOT_TRACK: '1' }), timeout: 120_000 })
    python = JSON.parse(stdout) as Record<string, unknown>
  })

  for (const [vendor, schema] of Object.entries(schemas)) {
    test(`of ${vendor} says the same as Python's for the same parameters, with a title and a place for each`, () => {
      const form = parameterSchemaOf(schema)
      assert.deepEqual(comparable(form, form.definitions), comparable(python, python['definitions'] as Record<string, unknown>))
      const fields = Object.entries(form.properties) as [string, { title: string; position: number }][]
      assert.deepEqual(fields.map(([, { position }]) => position), [0, 1, 2, 3, 4, 5])
      assert.deepEqual(fields.map(([name, { title }]) => name === title), Array(6).fill(true))
      // What the server's own check says of it.
      const good = { day: 'monday', level: 'a', where: { x: 1, y: 2 } }
      assert.equal(parameterFault(good, form as never), undefined)
      for (const bad of [{ ...good, level: 'c' }, { ...good, times: 1.5 }, { ...good, where: { x: 1 } }, { day: 'monday' }]) assert.notEqual(parameterFault(bad, form as never), undefined, JSON.stringify(bad))
    })

    test(`of ${vendor} checks parameters when the flow runs, and fills in what has a default`, async () => {
      setDefaultSession(sessionWith('').session)
      const load = flow({ name: 'load', params: schema }, (params) => params)
      const good = { day: 'monday', level: 'a', where: { x: 1, y: 2 } }
      const given = (await load(good as never)) as Record<string, unknown>
      assert.equal(given['day'], 'monday')
      if (vendor !== 'plain JSON Schema') assert.deepEqual([given['times'], given['note'], given['tags']], [1, null, []])
      await assert.rejects(load({ ...good, times: 1.5 } as never), (error: Error) => error instanceof ParameterValidationError && /times/.test(error.message))
    })
  }
})
