import type { Cli } from './cli.ts'
import { adoptSettings } from './session.ts'

/**
 * Makes this process the process of a flow run, as a runner's child is one: it takes the run over, runs it, and ends with
 * exit code 0 when it was brought to an end.
 *
 * @param entrypoint `file:flow`; default: what the run's deployment says
 */
export async function executeHere(cli: Cli, flowRunId: string, entrypoint?: string): Promise<void> {
  await adoptSettings(cli)
  process.env['PREFECT__FLOW_RUN_ID'] = flowRunId
  if (entrypoint !== undefined) process.env['SPILLWAY__ENTRYPOINT'] = entrypoint
  const sdk = import.meta.resolve('@spillway/sdk')
  await import(new URL(sdk.endsWith('.ts') ? './runner/child.ts' : './runner/child.js', sdk).href)
}
