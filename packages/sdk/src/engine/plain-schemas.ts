import { parameterFault } from '@spillway/core/domain/parameter-schema'
import type { StandardSchema } from './standard-schema.ts'

/**
 * Parameters by a JSON Schema as it stands: the deployment's form, and what they are checked by.
 *
 *     flow({ name: 'load', params: jsonSchema<{ day: string }>({ type: 'object', properties: { day: { type: 'string' } }, required: ['day'] }) }, …)
 */
export function jsonSchema<T = Record<string, unknown>>(schema: Readonly<Record<string, unknown>>): StandardSchema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'json-schema',
      validate: (value) => {
        const fault = parameterFault(value as Record<string, unknown>, schema as never)
        return fault === undefined ? { value: value as T } : { issues: [{ message: fault }] }
      },
      jsonSchema: { input: () => structuredClone(schema) as Record<string, unknown> },
    },
  }
}

/** Parameters with a type for the compiler alone: nothing is checked when they come, and the form is empty. */
export function type<T>(): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'type', validate: (value) => ({ value: value as T }) } }
}
