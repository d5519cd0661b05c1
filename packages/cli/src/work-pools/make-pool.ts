import type { ApiClient } from '@spillway/sdk'
import { baseJobTemplateOf } from './reads.ts'

/** Makes a work pool, with the template of its type where none is given. */
export async function makePool(client: ApiClient, name: string, type: string, { template, isPaused = false }: { template?: unknown; isPaused?: boolean } = {}): Promise<void> {
  await client.call('POST', '/work_pools/', { name, type, is_paused: isPaused, base_job_template: template ?? (await baseJobTemplateOf(client, type)) })
}
