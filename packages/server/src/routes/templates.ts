import { templateFault } from '@spillway/core/domain/jinja/template'
import { TemplateText } from '@spillway/core/wire/automations'
import { route, type Route } from './route.ts'

function validateAt(path: string, operationId: string, tag: string): Route {
  return route({
    method: 'POST',
    path,
    operationId,
    tag,
    body: TemplateText,
    replies: { 200: null, 204: null },
    handle({ body }) {
      const fault = templateFault(body)
      if (!fault) return { status: 204, json: '' }
      const error = { line: fault.line, message: fault.message, source: body }
      return { status: 422, json: JSON.stringify({ error }) }
    },
  })
}

export const templateRoutes: readonly Route[] = [
  validateAt('/templates/validate', 'validate_template_templates_validate_post', 'Automations'),
  validateAt('/automations/templates/validate', 'validate_template_automations_templates_validate_post', 'Automations'),
]
