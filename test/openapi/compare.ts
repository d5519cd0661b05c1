import type { JsonSchema } from '@spillway/core/wire/json-schema'

/** As much of an OpenAPI document as is compared. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

export interface Difference {
  /** `POST /flows/`, or a component's name. */
  readonly at: string
  readonly what: 'missing' | 'extra' | 'name' | 'parameters' | 'request' | 'responses' | 'component'
  readonly ours?: unknown
  readonly theirs?: unknown
}

export interface Comparison {
  readonly operations: { readonly theirs: number; readonly present: number; readonly equal: number }
  readonly components: { readonly theirs: number; readonly present: number; readonly equal: number }
  readonly differences: readonly Difference[]
}

interface OperationForm {
  readonly operationId?: string
  readonly deprecated?: boolean
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: unknown
  readonly responses?: Readonly<Record<string, unknown>>
}

/** Compares what two documents say of operations and components: what is sent and answered, not how it is worded. */
export function compareDocuments(ours: Document, theirs: Document): Comparison {
  const differences: Difference[] = []
  const operations = compareOperations(operationsOf(ours), operationsOf(theirs), differences)
  const components = compareComponents(ours.components.schemas, theirs.components.schemas, differences)
  return { operations, components, differences }
}

function operationsOf(document: Document): Map<string, OperationForm> {
  const out = new Map<string, OperationForm>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      out.set(`${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`, operation as OperationForm)
    }
  }
  return out
}

function compareOperations(
  ours: Map<string, OperationForm>,
  theirs: Map<string, OperationForm>,
  differences: Difference[],
): Comparison['operations'] {
  let present = 0
  let equal = 0
  for (const [at, their] of theirs) {
    const our = ours.get(at)
    if (our === undefined) {
      differences.push({ at, what: 'missing' })
      continue
    }
    present += 1
    const before = differences.length
    note(differences, at, 'name', nameOf(our), nameOf(their))
    note(differences, at, 'parameters', parametersOf(our), parametersOf(their))
    note(differences, at, 'request', our.requestBody ?? null, their.requestBody ?? null)
    note(differences, at, 'responses', answersOf(our, their), their.responses ?? {})
    if (differences.length === before) equal += 1
  }
  for (const at of ours.keys()) {
    if (!theirs.has(at)) differences.push({ at, what: 'extra' })
  }
  return { theirs: theirs.size, present, equal }
}

/** What generated clients call an operation, and whether they warn of it. */
function nameOf({ operationId, deprecated }: OperationForm): unknown {
  return [operationId ?? null, deprecated ?? false]
}

/** Parameters in one order: documents list them in any. */
function parametersOf(operation: OperationForm): unknown {
  return [...(operation.parameters ?? [])].sort((a, b) => (`${a.in} ${a.name}` < `${b.in} ${b.name}` ? -1 : 1))
}

/** Our answers of the statuses that they document: to document more is no difference. */
function answersOf(our: OperationForm, their: OperationForm): unknown {
  const theirs = their.responses ?? {}
  return Object.fromEntries(Object.entries(our.responses ?? {}).filter(([status]) => status in theirs))
}

function compareComponents(
  ours: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
  differences: Difference[],
): Comparison['components'] {
  let present = 0
  let equal = 0
  for (const [at, their] of Object.entries(theirs)) {
    const our = ours[at]
    if (our === undefined) {
      differences.push({ at, what: 'missing' })
      continue
    }
    present += 1
    if (note(differences, at, 'component', our, their)) equal += 1
  }
  return { theirs: Object.keys(theirs).length, present, equal }
}

/** Notes a difference; true when there is none. */
function note(
  differences: Difference[],
  at: string,
  what: Difference['what'],
  our: unknown,
  their: unknown,
): boolean {
  const ours = canonical(our)
  const theirs = canonical(their)
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return true
  differences.push({ at, what, ours, theirs })
  return false
}

/** Wording, and two keywords that no JSON Schema tool reads. */
const IGNORED = new Set(['title', 'description', 'examples', 'example', 'summary', 'min_items', 'max_items'])

/** A document's part with sorted keys, without what does not matter. */
export function canonical(part: unknown, isNameMap = false): unknown {
  if (Array.isArray(part)) return part.map((inner) => canonical(inner))
  if (typeof part !== 'object' || part === null) return part
  const out: JsonSchema = {}
  for (const key of Object.keys(part).sort()) {
    const value = (part as JsonSchema)[key]
    if (isNameMap) out[key] = canonical(value)
    else if (!IGNORED.has(key) && !saysNothing(key, value, part as JsonSchema)) {
      out[key] = key === 'required' && Array.isArray(value) ? [...value].sort() : canonical(value, key === 'properties')
    }
  }
  return out
}

function saysNothing(key: string, value: unknown, part: JsonSchema): boolean {
  if (key === 'required' || key === 'supported_environment_variables') return Array.isArray(value) && value.length === 0
  // An object without declared fields is open either way.
  return key === 'additionalProperties' && value === true && part['properties'] === undefined
}
