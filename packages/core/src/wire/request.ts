import type { Static, TObject, TProperties, TSchema } from 'typebox'
import { object } from './schema.ts'
import { compile } from './validate.ts'
import type { CompileOptions, Validation } from './validate.ts'
import type { SchemaForm } from './validation/schema-form.ts'

/**
 * Makes a validator for a request body: errors stand under `body`, and an absent body (undefined) counts as null.
 * Bodies made of several parameters may be absent when every parameter may; others only when they have a default or
 * take null.
 */
export function compileBody<T extends TSchema>(
  schema: T,
  options: CompileOptions & { applyDefaults: false | 'nested' },
): (body: unknown) => Validation<Partial<Static<T>>>
export function compileBody<T extends TSchema>(
  schema: T,
  options?: CompileOptions,
): (body: unknown) => Validation<Static<T>>
export function compileBody(schema: TSchema, options: CompileOptions = {}): (body: unknown) => Validation<unknown> {
  const form = schema as SchemaForm
  const validate = compile(schema, options)
  const loc = ['body']
  if (form.bodyParameters) return (body) => validate(body ?? null, loc)
  const whenAbsent = absentBody(form)
  return (body) => {
    if (body !== undefined && body !== null) return validate(body, loc)
    if (whenAbsent !== undefined) return { ok: true, value: whenAbsent() }
    return { ok: false, errors: [{ type: 'missing', loc, msg: 'Field required', input: null }] }
  }
}

function absentBody(form: SchemaForm): (() => unknown) | undefined {
  if (form.makeDefault !== undefined) return form.makeDefault
  return 'default' in form ? () => structuredClone(form.default) : undefined
}

/**
 * Makes a validator for path, query or header parameters, which arrive as texts: errors stand under `where`, unknown
 * ones are ignored.
 */
export function compileParameters<P extends TProperties>(
  where: 'path' | 'query' | 'header',
  fields: P,
): (given: Readonly<Record<string, unknown>>) => Validation<Static<TObject<P>>> {
  const validate = compile(object(fields, { bodyParameters: true }))
  const loc = [where]
  return (given) => validate(given, loc)
}
