import { hydrate, type TemplateEngine } from '@spillway/core/domain/hydrate'
import { ValueFault } from '@spillway/core/domain/json-schema/validator'
import { mayBeTemplate, renderTemplate, templateFault } from '@spillway/core/domain/jinja/template'
import { setCheck } from '@spillway/core/wire/registered-checks'

const engine: TemplateEngine = {
  fault: (template) => templateFault(template)?.message,
  render: (template, context) => renderTemplate(template, context),
}

/** Nothing is looked up when a template is checked: each variable counts as being there. */
class EveryVariable extends Map<string, unknown> {
  override has(): boolean {
    return true
  }
}

/** Supplies the checks of automations' templates and of the parameters that may hold them. */
export function registerTemplateChecks(): void {
  setCheck('template', ({ field, text }) => {
    const fault = templateFault(text)
    return fault && `'${field}' is not a valid template: ${fault.message}`
  })
  setCheck('templatedParameters', (parameters) => {
    const hydrated = hydrate(withTemplates(parameters), { variables: new EveryVariable(), templates: engine })
    const faults = faultsIn(hydrated, '')
    if (faults.length === 0) return undefined
    return `Invalid parameters: \n${faults.join('\n  ')}`
  })
}

/** A text with tags is a template, as older clients send it without saying so. */
function withTemplates(value: unknown): unknown {
  if (typeof value === 'string') return mayBeTemplate(value) ? { __prefect_kind: 'jinja', template: value } : value
  if (Array.isArray(value)) return value.map(withTemplates)
  if (typeof value !== 'object' || value === null || '__prefect_kind' in value) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withTemplates(member)]))
}

/** Each fault with the place where it stands. */
function faultsIn(value: unknown, path: string): string[] {
  if (value instanceof ValueFault) return [`${path === '' ? '' : `${path}:`} ${value.message}`]
  if (Array.isArray(value)) return value.flatMap((item, index) => faultsIn(item, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => faultsIn(member, path === '' ? key : `${path}.${key}`))
}
