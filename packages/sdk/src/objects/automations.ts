import { SpillwayError } from '../errors.ts'
import type { Action } from './actions.ts'
import { remoteOf } from './remote-of.ts'
import type { Trigger } from './triggers.ts'

/** What an automation waits for, and what it does. */
export interface AutomationOptions {
  /** Known by its name: what is there under it is changed. */
  readonly name: string
  readonly description?: string
  /** Default true. */
  readonly enabled?: boolean
  readonly tags?: readonly string[]
  readonly trigger: Trigger
  readonly actions: readonly Action[]
}

/**
 * Makes an automation, or changes the one of that name: the server then does the actions whenever the trigger fires.
 *
 *     await automation({
 *       name: 'orders',
 *       trigger: trigger.event('order.paid', { match: { 'prefect.resource.id': 'order.*' } }),
 *       actions: [action.runDeployment(invoice, 'prod', { order: '{{ event.payload.order }}' })],
 *     })
 *
 * @returns its id
 * @throws {SpillwayError} `action-target-missing`; `automation-ambiguous` when several have the name
 */
export async function automation(options: AutomationOptions): Promise<string> {
  const { client } = remoteOf('an automation')
  const found = await client.findAutomations(options.name)
  if (found.length > 1) throw new SpillwayError('automation-ambiguous', `${found.length} automations are called '${options.name}'; delete all but one: prefect automation ls`)
  const body = {
    name: options.name,
    description: options.description ?? '',
    enabled: options.enabled ?? true,
    tags: [...(options.tags ?? [])],
    trigger: options.trigger,
    actions: await Promise.all(options.actions.map((one) => one.resolve(client))),
  }
  if (!found[0]) return (await client.createAutomation(body)).id
  await client.updateAutomation(found[0].id, body)
  return found[0].id
}
