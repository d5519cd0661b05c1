import type { Prompts } from '../cli.ts'
import type { DeploymentConfig } from './project-file.ts'
import { findFlows } from './find-flows.ts'

const OTHER = '\0other'
const ALL = '\0all'

/** Lets the user choose among the flows of this folder, or name one. */
export async function askForEntrypoint({ choose, askFor }: Prompts): Promise<string> {
  const found = await findFlows()
  const chosen = found.length === 0 ? OTHER : await choose('Which flow is to be deployed?', [...found.map((value) => ({ value })), { value: OTHER, label: 'another one' }])
  return chosen === OTHER ? await askFor('Where is the flow? (file.ts:flow)') : chosen
}

/** Lets the user choose among the deployments of a project file. @returns all of them, or one */
export async function askForDeployments({ choose }: Prompts, file: string, deployments: readonly DeploymentConfig[]): Promise<DeploymentConfig[]> {
  const named = deployments.filter(({ name }) => name != null)
  const choices = named.map(({ name, entrypoint }, index) => ({ value: String(index), label: name!, hint: entrypoint ?? '' }))
  const chosen = await choose(`Which deployment of ${file}?`, [...choices, { value: ALL, label: 'all of them' }])
  return chosen === ALL ? named : [named[Number(chosen)]!]
}
