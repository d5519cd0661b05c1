import { normalizeUuid } from '@spillway/core/wire/ids'
import type { ApiRequest } from './route.ts'

export interface Creator {
  id: string
  type: 'AUTOMATION'
  display_value: string
}

type Headers = ApiRequest<unknown, unknown, unknown, unknown>['headers']

function automationHeaders(headers: Headers): { id: string; name: string } | null {
  const id = headers['prefect-automation-id']
  const name = headers['prefect-automation-name']
  if (typeof id !== 'string' || typeof name !== 'string' || name === '') return null
  const uuid = normalizeUuid(id)
  return uuid === undefined ? null : { id: uuid, name }
}

/** `created_by` of what an automation makes through the API: its name comes in base64. Null for everybody else. */
export function readCreatedBy(headers: Headers): Creator | null {
  const automation = automationHeaders(headers)
  if (!automation) return null
  const name = Buffer.from(automation.name, 'base64').toString('utf8')
  return name === '' ? null : { id: automation.id, type: 'AUTOMATION', display_value: name }
}

/** `updated_by`, where Prefect takes the name as it comes. */
export function readUpdatedBy(headers: Headers): Creator | null {
  const automation = automationHeaders(headers)
  return automation && { id: automation.id, type: 'AUTOMATION', display_value: automation.name }
}
