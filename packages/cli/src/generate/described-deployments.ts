import type { ApiClient } from '@spillway/sdk'
import { notFound } from '../cli.ts'
import type { DescribedDeployment } from './deployments-file.ts'

/** How many deployments one request asks for; servers give no more than 200. */
const PAGE = 200

interface Deployment {
  readonly name: string
  readonly flow_id: string
  readonly description?: string | null
  readonly parameters?: Record<string, unknown> | null
  readonly parameter_openapi_schema?: Record<string, unknown> | null
}

/**
 * Reads what the types of deployments are made of.
 *
 * @param names of those that are wanted, as `flow/deployment`; none: all
 * @throws {CommandError} when one of them is not there
 */
export async function describedDeployments(client: ApiClient, names: readonly string[]): Promise<DescribedDeployment[]> {
  if (names.length === 0) return await every(client)
  return await Promise.all(
    [...new Set(names)].map(async (name) => {
      const [flow = '', deployment = ''] = split(name)
      const found = await client.findDeployment(flow, deployment)
      if (!found) throw notFound('deployment', name, (await every(client)).map((one) => one.name), 'A deployment is named as flow/deployment; spillway deployment ls shows them.')
      return described(name, found as Deployment)
    }),
  )
}

async function every(client: ApiClient): Promise<DescribedDeployment[]> {
  const deployments = await pages<Deployment>(client, '/deployments/filter')
  const flows = new Map<string, string>()
  const ids = [...new Set(deployments.map((deployment) => deployment.flow_id))]
  for (let start = 0; start < ids.length; start += PAGE) {
    const some = await pages<{ id: string; name: string }>(client, '/flows/filter', { flows: { id: { any_: ids.slice(start, start + PAGE) } } })
    for (const { id, name } of some) flows.set(id, name)
  }
  // A flow may have been deleted between the two requests, and its deployments with it.
  return deployments.flatMap((deployment) => (flows.has(deployment.flow_id) ? [described(`${flows.get(deployment.flow_id)}/${deployment.name}`, deployment)] : []))
}

async function pages<Row>(client: ApiClient, path: string, filter: object = {}): Promise<Row[]> {
  const rows: Row[] = []
  for (;;) {
    const page = await client.call<Row[]>('POST', path, { ...filter, sort: 'NAME_ASC', limit: PAGE, offset: rows.length }, { repeatable: true })
    rows.push(...page)
    if (page.length < PAGE) return rows
  }
}

/** What the deployment itself gives is the default of its callers, and need not be given by them. */
function described(name: string, { description, parameters, parameter_openapi_schema: schema }: Deployment): DescribedDeployment {
  const properties = schema?.['properties'] as Record<string, object> | undefined
  if (!schema || !properties) return { name, description: description ?? null, schema: schema ?? null }
  const given = Object.entries(parameters ?? {}).filter(([parameter]) => Object.hasOwn(properties, parameter))
  const withGiven = given.map(([parameter, value]) => [parameter, { ...properties[parameter], default: value }] as const)
  return { name, description: description ?? null, schema: { ...schema, properties: { ...properties, ...Object.fromEntries(withGiven) } } }
}

/** A flow's name may hold a slash on some servers; a deployment's does not. */
function split(name: string): string[] {
  const at = name.lastIndexOf('/')
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)]
}
