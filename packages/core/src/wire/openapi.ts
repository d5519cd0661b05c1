import type { TSchema } from 'typebox'
import { HTTPValidationError } from './common.ts'
import { isRequired, toComponent, toJsonSchema } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'
import { text, uuid } from './schema.ts'
import type { SchemaForm } from './validation/schema-form.ts'

/** A path parameter's schema, or the name of one of the two usual kinds. */
export type PathParameter = 'uuid' | 'text' | TSchema

/** What a document needs to know of a route. */
export interface RouteRow {
  readonly method: string
  /** `/flows/{id}` or `/flows/:id`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary?: string
  readonly description?: string
  readonly params?: Readonly<Record<string, PathParameter>>
  readonly query?: Readonly<Record<string, TSchema>>
  readonly headers?: Readonly<Record<string, TSchema>>
  readonly body?: TSchema
  /** Schemas by status; null for an answer without a body. */
  readonly replies: Readonly<Record<number, TSchema | null>>
  /** The answer's content type where it is not JSON. */
  readonly contentType?: string
  readonly isDeprecated?: boolean
  /** Answers without a check of the API version, and has nothing that could be invalid. */
  readonly isPlain?: boolean
}

export interface DocumentInfo {
  readonly title: string
  readonly version: string
  readonly description?: string
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: JsonSchema
}

export interface Operation {
  tags: string[]
  summary: string
  description?: string
  operationId: string
  deprecated?: boolean
  parameters?: Parameter[]
  requestBody?: JsonSchema
  responses: Record<string, JsonSchema>
}

export interface OpenApiDocument {
  openapi: '3.1.0'
  info: DocumentInfo
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema> }
}

/** A document of routes: what the server accepts and answers, from the schemas that it checks with. */
export function buildOpenApi(rows: readonly RouteRow[], info: DocumentInfo): OpenApiDocument {
  const wanted = new Set<string>()
  const refer = (name: string): string => {
    wanted.add(name)
    return `#/components/schemas/${name}`
  }
  const paths: OpenApiDocument['paths'] = {}
  for (const row of rows) {
    const path = row.path.replace(/:(\w+)/g, '{$1}')
    const operations = (paths[path] ??= {})
    operations[row.method.toLowerCase()] = operationOf(row, refer)
  }
  return { openapi: '3.1.0', info, paths, components: { schemas: componentsOf(wanted, refer) } }
}

/** Components by name; a component may want further ones. */
function componentsOf(wanted: Set<string>, refer: (name: string) => string): Record<string, JsonSchema> {
  const made = new Map<string, JsonSchema>()
  // A set that grows while it is walked hands out what was added too.
  for (const name of wanted) made.set(name, toComponent(name, refer))
  const sorted = [...made].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted)
}

type Refer = (name: string) => string

function operationOf(row: RouteRow, refer: Refer): Operation {
  const parameters = parametersOf(row, refer)
  const operation: Operation = {
    tags: [row.tag],
    summary: row.summary ?? summaryOf(row),
    operationId: row.operationId,
    responses: responsesOf(row, refer),
  }
  if (row.isDeprecated) operation.deprecated = true
  if (row.description !== undefined) operation.description = row.description
  if (parameters.length > 0) operation.parameters = parameters
  if (row.body !== undefined) operation.requestBody = requestBodyOf(row.body, refer)
  return operation
}

/** `read_flow_flows__id__get` of `GET /flows/{id}` reads `Read Flow`: ids end with the path and the method. */
function summaryOf({ operationId, path, method }: RouteRow): string {
  const tail = `${path.replace(/:(\w+)/g, '{$1}')}_${method.toLowerCase()}`.replace(/\W/g, '_')
  return operationId.replace(new RegExp(`${tail}$`), '').replace(/(?:^|_)([a-z0-9])/g, (_match, first: string) => ` ${first.toUpperCase()}`).trim()
}

function parametersOf(row: RouteRow, refer: Refer): Parameter[] {
  const path = Object.entries(row.params ?? {}).map(([name, kind]) => parameter('path', name, pathSchema(kind), refer))
  const query = Object.entries(row.query ?? {}).map(([name, schema]) => parameter('query', name, schema, refer))
  const own = Object.entries(row.headers ?? {}).map(([name, schema]) => parameter('header', name, schema, refer))
  if (row.isPlain) return [...path, ...query, ...own]
  const version = { ...parameter('header', 'x-prefect-api-version', text(), refer), required: false }
  return [...path, ...query, ...own, version]
}

function pathSchema(kind: PathParameter): TSchema {
  return kind === 'uuid' ? uuid() : kind === 'text' ? text() : kind
}

function parameter(where: Parameter['in'], name: string, schema: TSchema, refer: Refer): Parameter {
  return { name, in: where, required: where === 'path' || isRequired(schema), schema: toJsonSchema(schema, refer) }
}

function requestBodyOf(body: TSchema, refer: Refer): JsonSchema {
  const content = { 'application/json': { schema: toJsonSchema(body, refer) } }
  return mayBeLeftOut(body as SchemaForm) ? { content } : { required: true, content }
}

/** A body may be left out when it has a default, or is made of parameters that may all be left out. */
function mayBeLeftOut(form: SchemaForm): boolean {
  if (!form.bodyParameters) return !isRequired(form)
  return Object.values(form.properties ?? {}).every((field) => !isRequired(field))
}

function responsesOf(row: RouteRow, refer: Refer): Record<string, JsonSchema> {
  const type = row.contentType ?? 'application/json'
  const good = Object.entries(row.replies).map(([status, schema]) => {
    const description = 'Successful Response'
    if (schema === null) return [status, { description }] as const
    return [status, { description, content: { [type]: { schema: toJsonSchema(schema, refer) } } }] as const
  })
  if (row.isPlain) return Object.fromEntries(good)
  const invalid = {
    description: 'Validation Error',
    content: { 'application/json': { schema: toJsonSchema(HTTPValidationError, refer) } },
  }
  return { ...Object.fromEntries(good), 422: invalid }
}
