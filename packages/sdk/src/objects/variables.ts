import type { Variable } from '../client/types.ts'
import { validateWith, type OutputOf, type StandardSchema } from '../engine/standard-schema.ts'
import { ParameterValidationError, SpillwayError } from '../errors.ts'
import { remoteOf } from './remote-of.ts'

/** Values that the server keeps by name, for flows of any language. */
export const variable = {
  /** The value, checked by `schema` where there is one. */
  get,
  /** Makes the variable, or gives it another value. */
  async set(name: string, value: unknown, options: { readonly tags?: readonly string[] } = {}): Promise<void> {
    const { client } = remoteOf('a variable')
    const changes = { value: value as Variable['value'], ...(options.tags === undefined ? {} : { tags: options.tags }) }
    if (await client.findVariable(name)) await client.updateVariable(name, changes)
    else await client.createVariable({ name, ...changes })
  },
  /** Deletes the variable. */
  async unset(name: string): Promise<void> {
    await remoteOf('a variable').client.deleteVariable(name)
  },
}

interface GetOptions<S extends StandardSchema> {
  /** Checks the value, and gives it its type. */
  readonly schema?: S
  /** For a variable that is not there; without one that is an error. */
  readonly fallback?: OutputOf<S>
}

async function get<S extends StandardSchema>(name: string, options: GetOptions<S> = {}): Promise<OutputOf<S>> {
  const found = await remoteOf('a variable').client.findVariable(name)
  if (!found) {
    if ('fallback' in options) return options.fallback as OutputOf<S>
    throw new SpillwayError('variable-missing', `there is no variable '${name}'; make it with: prefect variable set ${name} …`)
  }
  if (!options.schema) return found.value as OutputOf<S>
  const checked = await validateWith(options.schema, found.value)
  if (!checked.ok) throw new ParameterValidationError(`variable ${name}`, checked.issues)
  return checked.value as OutputOf<S>
}
