import { hydrate, valueFaults } from './hydrate.ts'
import { mayBeTemplate, templateFault } from './jinja/template.ts'
import { isJsonObject, type JsonObject } from './json-schema/json-types.ts'
import { reprString } from './python-repr.ts'

const DEPTH_MAX = 200

/**
 * A run-deployment action's parameters with their plain texts that hold templates made into `__prefect_kind` objects. A
 * text that is one single expression keeps the type of its value; any other becomes a text. Objects that have a kind
 * already are left alone.
 */
export function withTemplateKinds(parameters: JsonObject): JsonObject {
  return wrapMembers(parameters, 0)
}

function wrapMembers(value: JsonObject, depth: number): JsonObject {
  if (depth > DEPTH_MAX) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (Array.isArray(member)) {
        return [key, member.map((item) => (isJsonObject(item) ? wrapMembers(item, depth + 1) : wrapText(item)))]
      }
      if (!isJsonObject(member)) return [key, wrapText(member)]
      return [key, Object.hasOwn(member, '__prefect_kind') ? member : wrapMembers(member, depth + 1)]
    }),
  )
}

function wrapText(value: unknown): unknown {
  if (typeof value !== 'string' || !mayBeTemplate(value)) return value
  const text = value.trim()
  const isSingle = text.startsWith('{{') && text.endsWith('}}') && text.indexOf('{{', 2) < 0
  if (!isSingle) return { __prefect_kind: 'jinja', template: value }
  const template = `{{ ${text.slice(2, -2).trim()} | tojson }}`
  return { __prefect_kind: 'json', value: { __prefect_kind: 'jinja', template } }
}

/** Why the parameters of a run-deployment action cannot be used, or undefined; variables are not looked up. */
export function templatedParametersFault(parameters: JsonObject): string | undefined {
  const faults = valueFaults(hydrate(withTemplateKinds(parameters), { variables: 'unsettled' }))
  if (faults.length === 0) return undefined
  const listed = faults.map(({ path, fault }) => `${path === '' ? '' : `${path}:`} ${fault.message}`)
  return `Invalid parameters: \n${listed.join('\n  ')}`
}

/** Why a field of an action is no template, or undefined. */
export function actionTemplateFault({ field, text }: { field: string; text: string }): string | undefined {
  const fault = templateFault(text)
  return fault && `${reprString(field)} is not a valid template: ${fault.message}`
}
