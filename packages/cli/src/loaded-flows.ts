import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyTask, DeploymentSpec } from '@spillway/sdk'
import { notFound } from './cli.ts'
import { CommandError, EXIT } from './exit-codes.ts'

type AnyFlow = DeploymentSpec['flow']

/** The exports of a module of the user's. @throws {CommandError} that says why it cannot be loaded */
export async function loadModule(file: string): Promise<Record<string, unknown>> {
  const { importForFlows } = await import('@spillway/sdk/internal')
  const exports = await importForFlows(pathToFileURL(path.resolve(file)).href).catch((cause: unknown) => refuse(file, cause as Error))
  if (exports) return exports
  throw new CommandError(`${file} serves its flows itself when it is loaded.`, { remedy: 'Write if (import.meta.main) in front of the call, or start it with node.' })
}

function refuse(file: string, cause: Error): never {
  throw new CommandError(`${file} cannot be loaded: ${cause.name}: ${cause.message}`, { cause, remedy: 'SPILLWAY_DEBUG=1 shows where.' })
}

/** The flows that a module exports, with the names of the exports. */
export function flowsOf(exports: Record<string, unknown>): [name: string, flow: AnyFlow][] {
  return Object.entries(exports).filter((entry): entry is [string, AnyFlow] => typeof entry[1] === 'function' && 'flowName' in entry[1] && 'run' in entry[1])
}

/** The tasks that a module exports, with the names of the exports. */
export function tasksOf(exports: Record<string, unknown>): [name: string, task: AnyTask][] {
  return Object.entries(exports).filter((entry): entry is [string, AnyTask] => typeof entry[1] === 'function' && 'taskKey' in entry[1])
}

/**
 * The flow of an entry point, with the form of its parameters.
 *
 * @throws {CommandError} that says what is there, or why it cannot be loaded
 */
export async function describeFlow(entrypoint: string): ReturnType<typeof import('@spillway/sdk/internal').describeEntrypoint> {
  const { file, name } = splitEntrypoint(entrypoint, 'flow')
  const { findFlows, flowsIn } = await import('./deploy/find-flows.ts')
  if (!existsSync(file)) {
    const flows = await findFlows()
    throw new CommandError(`There is no file '${file}' in ${process.cwd()}.`, { remedy: flows.length === 0 ? 'Run the command in the folder of your project.' : `Flows below this folder: ${flows.join(', ')}`, exitCode: EXIT.notFound })
  }
  const { describeEntrypoint, explainLoadError } = await import('@spillway/sdk/internal')
  try {
    return await describeEntrypoint(entrypoint)
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'flow-missing') throw new CommandError(explainLoadError(cause, pathToFileURL(path.resolve(file)).href).message, { cause })
    const names = (await flowsIn(file)).map((one) => one.slice(one.lastIndexOf(':') + 1))
    throw notFound(`flow of ${file} called`, name, names, names.length === 0 ? 'It exports none: write export const … = flow(…)' : `It has: ${names.join(', ')}.`)
  }
}

/** File and name of an entry point such as `flows/nightly.ts:nightly`. @throws {CommandError} where it is none, or Python */
export function splitEntrypoint(entrypoint: string, what: 'flow' | 'task'): { file: string; name: string } {
  const at = entrypoint.lastIndexOf(':')
  const file = at > 0 ? entrypoint.slice(0, at) : entrypoint
  if (file.endsWith('.py')) throw new CommandError(`${entrypoint} is Python, which this command does not run.`, { remedy: `Use: prefect ${what} serve ${entrypoint}`, exitCode: EXIT.usage })
  if (at <= 0) throw new CommandError(`'${entrypoint}' names no ${what}.`, { remedy: `Write file:${what}, as in ${file}:${what === 'flow' ? 'nightly' : 'sendMail'}`, exitCode: EXIT.usage })
  return { file, name: entrypoint.slice(at + 1) }
}
