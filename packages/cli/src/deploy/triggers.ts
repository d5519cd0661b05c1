import type { ApiClient } from '@spillway/sdk'
import { misused } from '../reads.ts'
import { wholeTrigger } from '../triggers.ts'
import { jsonObject, readDocument } from '../values.ts'

type Trigger = Readonly<Record<string, unknown>>

/** Fields that belong to the automation or its action; all others are the trigger's own. */
const OF_AUTOMATION = ['name', 'description', 'enabled', 'parameters', 'job_variables', 'schedule_after']

/** Triggers as options give them: JSON, or a file that has them under `triggers`. */
export async function triggersOf(options: readonly string[]): Promise<Trigger[]> {
  const read = options.map(async (option) => {
    if (!/\.(json|ya?ml)$/i.test(option)) return [jsonObject(option, '--trigger')]
    const { triggers } = ((await readDocument(option)) ?? {}) as { triggers?: Trigger[] }
    if (!Array.isArray(triggers)) throw misused(`'${option}' holds no list 'triggers'.`)
    return triggers
  })
  return (await Promise.all(read)).flat()
}

/** Gives a deployment these automations, which run it, in place of those that an earlier deploy had given it. */
export async function replaceTriggers(client: ApiClient, deployment: { id: string; name: string }, triggers: readonly Trigger[]): Promise<void> {
  const owner = `prefect.deployment.${deployment.id}`
  await client.request('DELETE /automations/owned-by/{resource_id}', { path: { resource_id: owner } })
  for (const [index, trigger] of triggers.entries()) await client.call('POST', '/automations/', automationOf(trigger, deployment, owner, index))
}

function automationOf(trigger: Trigger, { id, name }: { id: string; name: string }, owner: string, index: number): object {
  const own = Object.fromEntries(Object.entries(trigger).filter(([field]) => !OF_AUTOMATION.includes(field)))
  const { parameters = null, job_variables: jobVariables = null, schedule_after: after = 0 } = trigger
  return {
    name: trigger['name'] ?? `${name}__automation_${index + 1}`,
    description: trigger['description'] ?? '',
    enabled: trigger['enabled'] ?? true,
    trigger: wholeTrigger(own),
    actions: [{ type: 'run-deployment', source: 'selected', deployment_id: id, parameters, job_variables: jobVariables, schedule_after: after }],
    owner_resource: owner,
  }
}
