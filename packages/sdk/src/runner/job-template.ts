import type { ApiClient } from '../client/api.ts'
import { SpillwayError } from '../errors.ts'

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g

/**
 * Fills the `{{ name }}` of a document. A text that is one placeholder becomes the value itself; a field whose value is
 * not known is left out, so that whatever reads it takes its own default.
 *
 * @param lookUp gives, or promises, undefined for what it does not know, and null for what is to stay as it stands.
 */
export async function fillTemplate(part: unknown, lookUp: (name: string) => unknown): Promise<unknown> {
  if (typeof part === 'string') return await fillText(part, lookUp)
  if (Array.isArray(part)) return (await Promise.all(part.map((item) => fillTemplate(item, lookUp)))).filter((item) => item !== undefined)
  if (typeof part !== 'object' || part === null) return part
  const filled = await Promise.all(Object.entries(part).map(async ([key, value]) => [key, await fillTemplate(value, lookUp)] as const))
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined))
}

async function fillText(text: string, lookUp: (name: string) => unknown): Promise<unknown> {
  const names = [...text.matchAll(PLACEHOLDER)]
  if (names.length === 0) return text
  const values = await Promise.all(names.map(([, name]) => lookUp(name!)))
  if (names.length === 1 && names[0]![0] === text.trim()) return values[0] === null ? text : values[0]
  let at = 0
  return text.replace(PLACEHOLDER, (placeholder) => {
    const value = values[at++]
    return value === null ? placeholder : asText(value)
  })
}

function asText(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The value of `prefect.variables.<name>` or of `prefect.blocks.<type>.<name>[.<field>…]`; undefined for names of another kind.
 *
 * @throws {SpillwayError} `reference-missing` for a variable or block that is not there
 */
export async function referenceValue(client: ApiClient, reference: string): Promise<unknown> {
  const [root, kind, first, second, ...fields] = reference.split('.')
  if (root !== 'prefect' || first === undefined) return undefined
  if (kind === 'variables') {
    const variable = await client.findVariable(first)
    if (!variable) throw new SpillwayError('reference-missing', `{{ ${reference} }} names a variable that is not there; set it with: spillway variable set ${first} <value>`)
    return variable.value
  }
  if (kind !== 'blocks' || second === undefined) return undefined
  const block = await client.findBlock(first, second)
  if (!block) throw new SpillwayError('reference-missing', `{{ ${reference} }} names a block that is not there; see: spillway block ls`)
  const data = block.data as Record<string, Json>
  if (fields.length === 0) return 'value' in data ? data['value'] : data
  return fields.reduce<unknown>((value, field) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined), data)
}

/** What a job of the pool is made of: its template, filled with the pool's defaults, the deployment's values, and the run's own. */
export async function jobOf(client: ApiClient, baseJobTemplate: unknown, overrides: readonly Record<string, unknown>[]): Promise<Record<string, unknown>> {
  const { job_configuration: form, variables } = (baseJobTemplate ?? {}) as { job_configuration?: object; variables?: { properties?: Record<string, { default?: unknown }> } }
  const defaults = Object.entries(variables?.properties ?? {}).flatMap(([name, { default: value }]) => (value === undefined || value === null ? [] : [[name, value]]))
  const values = Object.assign({}, Object.fromEntries(defaults), ...overrides) as Record<string, unknown>
  const env = Object.assign({}, ...[Object.fromEntries(defaults) as Record<string, unknown>, ...overrides].map(({ env: part }) => part ?? {})) as object
  const known = { ...values, ...(Object.keys(env).length > 0 ? { env } : {}) }
  // A pool without a form, and what its form does not mention, take the values as they are.
  const job = { ...known, ...((await fillTemplate(form ?? {}, (name) => (name.startsWith('prefect.') ? null : known[name as keyof typeof known]))) as object) }
  return (await fillTemplate(job, async (name) => (await referenceValue(client, name)) ?? null)) as Record<string, unknown>
}
