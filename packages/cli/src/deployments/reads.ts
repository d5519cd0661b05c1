import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import type { Flow } from '@spillway/core/wire/flows'
import type { ApiClient } from '@spillway/sdk'
import { isId } from '../flow-runs.ts'
import { found, inPath, misused, readAll } from '../reads.ts'

/** A deployment with its whole name. */
export interface NamedDeployment extends DeploymentResponse {
  /** `flow/deployment` */
  readonly fullName: string
}

/** Deployments, of some flows or of all. */
export async function deploymentsOf(client: ApiClient, flowNames: readonly string[] = []): Promise<NamedDeployment[]> {
  const filter = flowNames.length === 0 ? {} : { flows: { name: { any_: flowNames } } }
  const [deployments, flows] = await Promise.all([readAll<DeploymentResponse>(client, '/deployments/filter', { ...filter, sort: 'NAME_ASC' }), readAll<Flow>(client, '/flows/filter', filter)])
  const names = new Map(flows.map(({ id, name }) => [id, name]))
  return deployments.map((deployment) => ({ ...deployment, fullName: `${names.get(deployment.flow_id) ?? '?'}/${deployment.name}` }))
}

/** One deployment, by `flow/deployment` or by its id. @throws {CommandError} that names near ones */
export async function deploymentOf(client: ApiClient, name: string | undefined, id: string | undefined): Promise<NamedDeployment> {
  if ((name === undefined) === (id === undefined)) throw misused('Say which deployment: either flow/deployment, or --id.', "'spillway deployment ls' lists them.")
  const names = async (): Promise<string[]> => (await deploymentsOf(client)).map((one) => one.fullName)
  if (id !== undefined) {
    if (!isId(id)) throw misused(`'${id}' is no id.`, "'spillway deployment ls' shows ids.")
    const deployment = await found(client.request('GET /deployments/{id}', { path: { id } }), 'deployment with the id', id, async () => [], "'spillway deployment ls' lists them.")
    return { ...deployment, fullName: `${(await client.readFlow(deployment.flow_id)).name}/${deployment.name}` }
  }
  const [flow, deployment, ...rest] = name!.split('/')
  if (!flow || !deployment || rest.length > 0) throw misused(`'${name}' is no deployment.`, 'Write flow/deployment, such as nightly/prod.')
  const path = `/deployments/name/${inPath(flow)}/${inPath(deployment)}`
  return { ...(await found(client.call<DeploymentResponse>('GET', path), 'deployment', name!, names, "'spillway deployment ls' lists them.")), fullName: name! }
}
