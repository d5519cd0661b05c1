import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { asError, SpillwayError } from '../errors.ts'

/** What Node's type stripping cannot do, by what it says of it, and what to write instead. */
const STRIPPING_REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/enum/i, 'Node removes types and compiles nothing, so it cannot run an enum: write a const object (const Color = { red: "red" } as const)'],
  [/namespace|module/i, 'Node removes types and compiles nothing, so it cannot run a namespace with values in it: write a module'],
  [/parameter property/i, 'Node removes types and compiles nothing, so it cannot run a parameter property: declare the field and assign it in the constructor'],
  [/decorator/i, 'Node removes types and compiles nothing, so it cannot run a decorator: call the function'],
]
const BUILD_INSTEAD = 'or build the file and deploy the .js; erasableSyntaxOnly in tsconfig.json finds such places'

/**
 * An error of loading a flow's module, with the place of a syntax error in it, and what to do where it is TypeScript that Node
 * does not run as it stands.
 */
export function explainLoadError(thrown: unknown, url: string): Error {
  const error = asError(thrown) as Error & { code?: string }
  if (error instanceof SpillwayError) return error
  return new SpillwayError('flow-not-loaded', `${fileURLToPath(url)} cannot be loaded: ${describe(error, url)}`, { cause: error })
}

function describe(error: Error & { code?: string }, url: string): string {
  const { code, message } = error
  const text = message.trim().replaceAll(/\s*\n\s*/g, ' ')
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX': {
      const remedy = STRIPPING_REMEDIES.find(([pattern]) => pattern.test(message))?.[1] ?? 'Node removes types and compiles nothing'
      return `${placeOf(error, url)}${text}. ${remedy}; ${BUILD_INSTEAD}`
    }
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return /\.[jt]sx/.test(message) ? `${text}. Node does not run JSX: build the file, and deploy the .js` : text
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return `${text}. Node runs no TypeScript under node_modules: build that package`
    case 'ERR_MODULE_NOT_FOUND':
      return `${text}${remedyOfMissing(message, url)}`
    default:
      return `${placeOf(error, url)}${error.name}: ${text}`
  }
}

function remedyOfMissing(message: string, url: string): string {
  if (message.startsWith(`Cannot find module '${fileURLToPath(url)}'`)) return '. The file is not there: check the entry point of the deployment, and the folder that it is relative to'
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1] ?? ''
  if (message.startsWith('Cannot find package')) return `. When ${missing} comes from paths in tsconfig.json: Node does not read those; use imports in package.json ("#…"), or relative paths. Otherwise install it`
  return /\.[cm]?[jt]sx?$/.test(missing) ? '' : '. Write the extension: Node looks for the file as it is written'
}

/**
 * `file:line: ` of a syntax error. Node tells it only where an error ends a process, so another one has to load the module again; what
 * does not parse runs nothing. An error that code has thrown has its place in the stack.
 */
function placeOf(error: Error, url: string): string {
  const thrownAt = /\(?file:\/\/([^\s)]+:\d+):\d+\)?/.exec(error.stack ?? '')?.[1]
  if (thrownAt !== undefined) return `${thrownAt}: `
  if (!(error instanceof SyntaxError)) return ''
  const load = ['--input-type=module', '--eval', `await import(${JSON.stringify(url)})`]
  const { stderr } = spawnSync(process.execPath, load, { encoding: 'utf8', timeout: 5000, env: { ...process.env, NODE_OPTIONS: '' } })
  const place = /^(?:file:\/\/)?(\/[^\n]*:\d+)$/m.exec(stderr)?.[1]
  return place === undefined ? '' : `${place}: `
}
