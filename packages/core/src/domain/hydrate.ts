import { parseExactJson } from '../wire/exact-json.ts'
import { jsonFault } from '../wire/json-faults.ts'
import { renderTemplate, templateFault, type RenderOptions } from './jinja/template.ts'
import { ValueFault } from './json-schema/validator.ts'

const KIND = '__prefect_kind'
const DEPTH_MAX = 200

/** A value that is only known once it is rendered; every schema lets it pass. */
export class UnsettledValue {}

/** Stands for nothing: the entry that holds it is left out. */
const REMOVED = Symbol('removed')

/** How templates are checked and rendered. */
export interface TemplateEngine {
  /** What is wrong with a template, or undefined. */
  fault(template: string): string | undefined
  /** @throws {Error} with a message for the user */
  render(template: string, context: Readonly<Record<string, unknown>>): string
}

/** The sandbox for templates of users, with what rendering may need beside the values. */
export function sandboxedTemplates(options: RenderOptions = {}): TemplateEngine {
  return {
    fault: (template) => templateFault(template)?.message,
    render: (template, context) => renderTemplate(template, context, options),
  }
}

export interface HydrationOptions {
  /** the workspace variables that `hydrationNeeds` named and that exist; `unsettled` to leave them open */
  variables: ReadonlyMap<string, unknown> | 'unsettled'
  /** Default: the sandbox without further filters. */
  templates?: TemplateEngine
  /** Templates are rendered with these values; without it they are only checked. */
  templateContext?: Readonly<Record<string, unknown>>
}

/** What has to be loaded before values can be hydrated. */
export interface HydrationNeeds {
  /** whether there is anything to hydrate */
  isHydratable: boolean
  variableNames: string[]
  /** a variable's name has to be hydrated itself, so its name is not known beforehand: load all */
  needsAllVariables: boolean
  /** texts of templates, for finding out which names their context must have */
  templates: string[]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Looks through values for `__prefect_kind` objects and the variables that they name. */
export function hydrationNeeds(values: unknown): HydrationNeeds {
  const names = new Set<string>()
  const templates = new Set<string>()
  const needs = { isHydratable: false, needsAllVariables: false }
  const visit = (value: unknown, depth: number): void => {
    if (depth > DEPTH_MAX) return
    if (Array.isArray(value)) {
      for (const item of value) visit(item, depth + 1)
    } else if (isObject(value)) {
      if (Object.hasOwn(value, KIND)) {
        needs.isHydratable = true
        const name = value['variable_name']
        if (value[KIND] === 'workspace_variable' && typeof name === 'string') names.add(name)
        else if (value[KIND] === 'workspace_variable' && isObject(name)) needs.needsAllVariables = true
        const template = value['template']
        if (value[KIND] === 'jinja' && typeof template === 'string') templates.add(template)
      }
      for (const member of Object.values(value)) visit(member, depth + 1)
    }
  }
  visit(values, 0)
  return { ...needs, variableNames: [...names], templates: [...templates] }
}

/** A fault in hydrated values and where it is: `a.b[1]`. */
export interface LocatedValueFault {
  path: string
  fault: ValueFault
}

/** All faults in hydrated values, in the order in which they are written. */
export function valueFaults(values: unknown, path = ''): LocatedValueFault[] {
  if (values instanceof ValueFault) return [{ path, fault: values }]
  if (Array.isArray(values)) return values.flatMap((item, index) => valueFaults(item, `${path}[${index}]`))
  if (!isObject(values)) return []
  return Object.entries(values).flatMap(([key, member]) => valueFaults(member, path === '' ? key : `${path}.${key}`))
}

/**
 * Replaces every object that has `__prefect_kind` by what it stands for: a value, parsed JSON, a rendered template or a
 * workspace variable. What cannot be replaced becomes a `ValueFault`; a template that is only checked becomes an
 * `UnsettledValue`. Objects of other kinds become their `value`, or null.
 */
export function hydrate(values: unknown, options: HydrationOptions): unknown {
  const hydrated = hydrateValue(values, options, 0)
  return hydrated === REMOVED ? {} : hydrated
}

/** The first fault in hydrated values, or undefined. */
export function firstValueFault(values: unknown): ValueFault | undefined {
  return valueFaults(values)[0]?.fault
}

function hydrateValue(value: unknown, options: HydrationOptions, depth: number): unknown {
  if (depth > DEPTH_MAX) return new ValueFault(`Values nest deeper than ${DEPTH_MAX} levels`)
  if (Array.isArray(value)) {
    return value.map((item) => hydrateValue(item, options, depth + 1)).filter((item) => item !== REMOVED)
  }
  if (!isObject(value)) return value
  if (Object.hasOwn(value, KIND)) return hydrateKind(value, options, depth)
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, hydrateValue(member, options, depth + 1)] as const)
      .filter(([, member]) => member !== REMOVED),
  )
}

function hydrateKind(value: Readonly<Record<string, unknown>>, options: HydrationOptions, depth: number): unknown {
  const has = (key: string) => Object.hasOwn(value, key)
  /** Only an object is hydrated first: a text stays what it is. */
  const input = (key: string) => (isObject(value[key]) ? hydrateValue(value[key], options, depth + 1) : value[key])
  switch (value[KIND]) {
    case 'none':
      return has('value') ? hydrateValue(value['value'], options, depth + 1) : missing('value')
    case 'json': {
      const json = has('value') ? input('value') : REMOVED
      return typeof json === 'string' ? parseJson(json) : json
    }
    case 'jinja': {
      if (!has('template')) return missing('template')
      const template = input('template')
      return isPlaceholder(template) ? template : hydrateTemplate(template, options)
    }
    case 'workspace_variable': {
      const name = has('variable_name') ? input('variable_name') : REMOVED
      if (isPlaceholder(name)) return name
      if (options.variables === 'unsettled') return new UnsettledValue()
      if (typeof name === 'string' && options.variables.has(name)) return options.variables.get(name)
      return new ValueFault(`Variable '${String(name)}' not found in workspace.`)
    }
    default:
      return value['value'] ?? null
  }
}

function isPlaceholder(value: unknown): boolean {
  return value === REMOVED || value instanceof ValueFault || value instanceof UnsettledValue
}

function missing(key: string): ValueFault {
  return new ValueFault(`Missing '${key}' key in __prefect object`)
}

function parseJson(json: string): unknown {
  try {
    return parseExactJson(json)
  } catch {
    return new ValueFault(`Invalid JSON: ${jsonFaultText(json)}`)
  }
}

/** In Python's words: `Expecting value: line 1 column 1 (char 0)`. */
function jsonFaultText(json: string): string {
  const { msg, at } = jsonFault(json)
  const before = [...json].slice(0, at)
  const line = before.filter((character) => character === '\n').length + 1
  return `${msg}: line ${line} column ${at - before.lastIndexOf('\n')} (char ${at})`
}

function hydrateTemplate(template: unknown, options: HydrationOptions): unknown {
  const { templates = sandboxedTemplates(), templateContext } = options
  if (typeof template !== 'string') return new ValueFault("Invalid jinja: Can't compile non template nodes")
  const fault = templates.fault(template)
  if (fault !== undefined) return new ValueFault(`Invalid jinja: ${fault}`)
  if (!templateContext) return new UnsettledValue()
  try {
    return templates.render(template, templateContext)
  } catch (error) {
    return new ValueFault(`Invalid jinja: ${error instanceof Error ? error.message : String(error)}`)
  }
}
