import { requiredOf, SchemaTypes } from './schema-types.ts'
import { docComment, quoted, typeName, type JsonSchema } from './type-text.ts'

/** What of a deployment goes into the generated file. */
export interface DescribedDeployment {
  /** `flow/deployment`. */
  readonly name: string
  readonly description?: string | null
  /** Its `parameter_openapi_schema`; none: it takes whatever it is given. */
  readonly schema?: JsonSchema | null
}

/**
 * The text of a module with the types of deployments' parameters and a caller for each. The same deployments give the same
 * text, whatever their order.
 *
 * @param library the module that it imports the SDK from
 */
export function deploymentsFile(deployments: readonly DescribedDeployment[], library: string): string {
  const taken = new Set(['DeploymentRun', 'RunDeploymentOptions'])
  const declarations: string[] = []
  const callers: string[] = []
  for (const deployment of deployments.toSorted(byName)) {
    const schema = deployment.schema ?? { type: 'object', additionalProperties: true }
    const prefix = freePrefix(typeName(deployment.name), taken)
    const parameters = `${prefix}Parameters`
    if (takesAnything(schema)) declarations.push(`export type ${parameters} = { [name: string]: unknown }\n`)
    else declarations.push(...new SchemaTypes(schema, parameters, prefix, taken).declarations)
    taken.add(parameters)
    callers.push(caller(deployment, parameters, requiredOf(schema).size > 0))
  }
  const head = `// Written by \`spillway generate\` from the deployments of a server. Do not edit it: run the command again.\n`
  const imports = `import { runDeployment, type DeploymentRun, type RunDeploymentOptions } from ${quoted(library)}\n`
  const doc = docComment(['Deployments by name. `run` starts one and waits for its end, as `runDeployment` does; the type of its result is for the caller to give.'])
  return [head + imports, ...declarations, `${doc}export const deployments = {\n${callers.join('')}}\n`].join('\n')
}

/** The order in which the file has them: that of their names' code units, whatever the language of the machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}

function caller({ name, description }: DescribedDeployment, parameters: string, isNeeded: boolean): string {
  const comment = docComment(description ? [description] : [], '  ')
  return `${comment}  ${quoted(name)}: {
    run: <Result = unknown>(parameters${isNeeded ? '' : '?'}: ${parameters}, options?: RunDeploymentOptions): Promise<DeploymentRun<Result>> =>
      runDeployment<Result>(${quoted(name)}, parameters, options),
  },
`
}

/** Names of types of two deployments must differ even where `etl/prod` and `etl-prod/…` come to the same word. */
function freePrefix(wanted: string, taken: ReadonlySet<string>): string {
  let prefix = wanted
  for (let number = 2; taken.has(`${prefix}Parameters`); number++) prefix = `${wanted}${number}`
  return prefix
}

/** An empty form tells nothing: a flow of TypeScript whose parameters have no schema has one, and takes parameters all the same. */
function takesAnything({ properties }: JsonSchema): boolean {
  return typeof properties !== 'object' || properties === null || Object.keys(properties).length === 0
}
