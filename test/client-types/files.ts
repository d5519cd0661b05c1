import { isRequired } from '@spillway/core/wire/json-schema'
import type { PathParameter } from '@spillway/core/wire/openapi'
import { schemaNamed, text, uuid, type TSchema } from '@spillway/core/wire/schema'
import { workOf } from '@spillway/server/http/work-class'
import type { Route } from '@spillway/server/routes/route'
import { plain, quoted, typeName, union } from '../../packages/cli/src/generate/type-text.ts'
import { describedRoutes } from '../openapi/our-document.ts'
import { declarationOf, fieldOf, typeOf, type Direction, type NameOf } from './schema-text.ts'

const folder = 'packages/sdk/src/client/generated'
const head = '// Made from the route table of the server by `node scripts/generate-client.mjs`: do not edit.\n'
const widest = 150

/** Streams of server-sent events are no calls: `client.lines()` reads them. */
const streams = /^\/spillway\/\w+\/stream$/

/** Answers that do not call themselves JSON: texts, and JSON under another name. */
const contents: Readonly<Record<string, 'text' | 'unlabelled-json'>> = {
  'GET /metrics': 'text',
  'GET /flow_runs/{id}/logs/download': 'text',
  'GET /flow_runs/{id}/input/{key}': 'unlabelled-json',
}

/** The generated part of the client: texts of files, by their paths from the root of the repository. */
export function clientFiles(): ReadonlyMap<string, string> {
  const rows = describedRoutes().filter((row) => !streams.test(row.path))
  const types = new NamedTypes(rows)
  const routes = routesText(rows, types)
  const texts = {
    answers: types.declarations('answers'),
    settings: types.declarations('settings'),
    requests: types.declarations('requests'),
    routes,
    'route-notes': notesText(rows),
  }
  return new Map(Object.entries(texts).map(([name, text]) => [`${folder}/${name}.ts`, head + text.split('\n').map(wrapped).join('\n')]))
}

/** A line, broken before the members of its unions where it is too wide. */
function wrapped(line: string): string {
  if (line.length <= widest) return line
  const indent = `${/^ */.exec(line)![0]}  `
  const lines: string[] = []
  for (const part of line.split(/ (?=\| )/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + part.length > widest) lines.push(last === undefined ? part : `${indent}${part}`)
    else lines[lines.length - 1] = `${last} ${part}`
  }
  return lines.join('\n')
}

/** The named schemas that some routes need, and what their types are called. */
class NamedTypes {
  readonly #wanted: Readonly<Record<Direction, Set<string>>> = { request: new Set(), answer: new Set() }
  /** Components of which requests have a type of their own, beside that of answers. */
  readonly #apart = new Set<string>()
  readonly #bodyNames = new Map<string, string>()
  readonly #settings = new Set<string>()

  constructor(rows: readonly Route[]) {
    const note = (direction: Direction): NameOf => (component) => {
      this.#wanted[direction].add(component)
      return component
    }
    for (const row of rows) {
      const sent = [row.body, ...Object.values(row.params ?? {}).map(pathSchema), ...Object.values(row.query ?? {}), ...Object.values(row.headers ?? {})]
      for (const schema of sent) if (schema) typeOf(schema, 'request', note('request'))
      for (const schema of Object.values(row.replies)) if (schema) typeOf(schema, 'answer', note('answer'))
      const body = (row.body as { $id?: string } | undefined)?.$id
      if (body?.startsWith('Body_')) this.#bodyNames.set(body, bodyName(row, rows))
    }
    note('answer')('ValidationError')
    for (const direction of ['request', 'answer'] as const) {
      // A set that grows while it is walked hands out what was added too.
      for (const component of this.#wanted[direction]) declarationOf(schemaNamed(component)!, component, direction, note(direction))
    }
    this.#findSettings()
    this.#tellApart()
    const names = [...this.#wanted.request].map((component) => this.name(component, 'request')).concat([...this.#wanted.answer].map((component) => this.name(component, 'answer')))
    const doubled = names.filter((name, index) => names.indexOf(name) !== index && !this.#isShared(name))
    if (doubled.length > 0) throw new Error(`two types would be called ${doubled.join(', ')}`)
  }

  /** The name of a component's type in its own file. */
  name(component: string, direction: Direction): string {
    const name = this.#bodyNames.get(component) ?? component.replace(/-(?:Input|Output)$/, '')
    if (component.endsWith('-Input')) return `${name}Input`
    return direction === 'request' && this.#apart.has(component) ? `${name}Input` : name
  }

  /** What refers to a component's type from another file. */
  reference(direction: Direction): NameOf {
    return (component) => `${this.#fileOf(component, direction)}.${this.name(component, direction)}`
  }

  /** The types of one file. */
  declarations(file: 'answers' | 'requests' | 'settings'): string {
    const direction = file === 'requests' ? 'request' : 'answer'
    const nameOf: NameOf = (component) => (this.#fileOf(component, direction) === file ? this.name(component, direction) : this.reference(direction)(component))
    const texts = [...this.#wanted[direction]]
      .filter((component) => this.#fileOf(component, direction) === file)
      .map((component) => [this.name(component, direction), component] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, component]) => declarationOf(schemaNamed(component)!, name, direction, nameOf))
    const text = texts.join('\n')
    const others = ['answers', 'settings'].filter((other) => text.includes(` ${other}.`))
    return `${others.map((other) => `import type * as ${other} from './${other}.ts'\n`).join('')}\n${text}`
  }

  #fileOf(component: string, direction: Direction): 'answers' | 'requests' | 'settings' {
    if (this.#settings.has(component)) return 'settings'
    return direction === 'answer' || this.#isShared(component) ? 'answers' : 'requests'
  }

  /** Whether requests hold the very type that answers hold. */
  #isShared(component: string): boolean {
    return this.#wanted.answer.has(component) && this.#wanted.request.has(component) && !this.#apart.has(component)
  }

  /** Types are taken for the same until they, or what they refer to, turn out to differ. */
  #tellApart(): void {
    const both = [...this.#wanted.request].filter((component) => this.#wanted.answer.has(component))
    for (let before = -1; before < this.#apart.size; ) {
      before = this.#apart.size
      for (const component of both) {
        const [request, answer] = (['request', 'answer'] as const).map((direction) => declarationOf(schemaNamed(component)!, component, direction, (name) => this.name(name, direction)))
        if (request !== answer) this.#apart.add(component)
      }
    }
  }

  /** The server's settings are a tree of their own, which one route answers with. */
  #findSettings(): void {
    this.#settings.add('Settings')
    for (const component of this.#settings) {
      declarationOf(schemaNamed(component)!, component, 'answer', (name) => {
        if (name.endsWith('Settings')) this.#settings.add(name)
        return name
      })
    }
  }
}

/** `ReadFlowRunsBody`, with the route's first word before it where another route's operation is called the same. */
function bodyName(row: Route, rows: readonly Route[]): string {
  const operation = operationOf(row)
  const isAlone = rows.filter((other) => operationOf(other) === operation).length === 1
  return `${typeName(isAlone ? operation : `${row.path.split('/')[1]}_${operation}`)}Body`
}

/** `read_flow` of the operation id `read_flow_flows__id__get`. */
function operationOf({ operationId, path, method }: Route): string {
  return operationId.replace(new RegExp(`_*${`${path}_${method.toLowerCase()}`.replace(/\W/g, '_')}$`), '')
}

function routesText(rows: readonly Route[], types: NamedTypes): string {
  const entries = rows.map((row) => {
    const parts = requestParts(row, types)
    const answer = answerOf(row, types)
    const oneLine = `  '${nameOfRoute(row)}': { request: ${parts.length === 0 ? 'NoInput' : `{ ${parts.join('; ')} }`}; answer: ${answer} }\n`
    const deprecated = row.isDeprecated ? '  /** @deprecated */\n' : ''
    if (oneLine.length <= widest) return deprecated + oneLine
    return `${deprecated}  '${nameOfRoute(row)}': {\n    request: { ${parts.join('; ')} }\n    answer: ${answer}\n  }\n`
  })
  return [
    "import type * as answers from './answers.ts'",
    "import type * as requests from './requests.ts'",
    "import type * as settings from './settings.ts'",
    '',
    '/** Of routes that take nothing. */',
    'export interface NoInput {',
    '  path?: never',
    '  query?: never',
    '  headers?: never',
    '  body?: never',
    '}',
    '',
    '/** What each route takes and answers. The types in it are reached by `BodyOf` and `AnswerOf`. */',
    'export interface Routes {',
    `${entries.join('')}}`,
    '',
  ].join('\n')
}

function requestParts(row: Route, types: NamedTypes): string[] {
  const nameOf = types.reference('request')
  const fields = (schemas: Readonly<Record<string, TSchema>>): string => Object.entries(schemas).map(([name, schema]) => fieldOf(name, schema, 'request', nameOf)).join('; ')
  const parts: string[] = []
  const params = Object.entries(row.params ?? {}).map(([name, kind]) => [name, pathSchema(kind)] as const)
  if (params.length > 0) parts.push(`path: { ${fields(Object.fromEntries(params))} }`)
  for (const [part, schemas] of [['query', row.query], ['headers', row.headers]] as const) {
    const text = fields(schemas ?? {})
    if (text === '') continue
    const isOptional = Object.values(schemas ?? {}).every((schema) => !isRequired(schema))
    parts.push(isOptional ? `${part}?: { ${text} } | undefined` : `${part}: { ${text} }`)
  }
  if (row.body) parts.push(bodyField(row.body, nameOf))
  return parts
}

/** A body is optional when all that is in it is. */
function bodyField(body: TSchema, nameOf: NameOf): string {
  const { bodyParameters, properties } = body as { bodyParameters?: boolean; properties?: Record<string, TSchema> }
  const isOptional = bodyParameters && Object.values(properties ?? {}).every((field) => !isRequired(field))
  return isOptional ? `body?: ${typeOf(body, 'request', nameOf).text} | undefined` : fieldOf('body', body, 'request', nameOf)
}

function pathSchema(kind: PathParameter): TSchema {
  return kind === 'uuid' ? uuid() : kind === 'text' ? text() : kind
}

function answerOf(row: Route, types: NamedTypes): string {
  if (contents[nameOfRoute(row)] === 'text') return 'string'
  const replies = Object.entries(row.replies).filter(([status]) => status.startsWith('2'))
  return union(replies.map(([, schema]) => (schema === null ? plain('void') : typeOf(schema, 'answer', types.reference('answer'), '    ')))).text
}

function nameOfRoute({ method, path }: Route): string {
  return `${method} ${path}`
}

/** What the client has to know of routes while it runs. */
function notesText(rows: readonly Route[]): string {
  const names = rows.map(nameOfRoute)
  const strangers = Object.keys(contents).filter((name) => !names.includes(name))
  if (strangers.length > 0) throw new Error(`there is no route ${strangers.join(', ')}`)
  const asking = rows.filter((row) => row.method === 'POST' && workOf(row)?.lane !== 'writer').map(nameOfRoute)
  return [
    '/** Routes that only ask, though by POST: asking twice changes nothing. */',
    `export const askingRoutes: ReadonlySet<string> = new Set([\n${asking.map((name) => `  ${quoted(name)},\n`).join('')}])`,
    '',
    '/** Routes whose answers do not call themselves JSON. */',
    "export const contentOfRoutes: Readonly<Record<string, 'text' | 'unlabelled-json'>> = {",
    ...Object.entries(contents).map(([name, content]) => `  ${quoted(name)}: ${quoted(content)},`),
    '}',
    '',
  ].join('\n')
}

if (import.meta.main) process.stdout.write(JSON.stringify(Object.fromEntries(clientFiles())))
