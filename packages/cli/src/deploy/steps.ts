import { CommandError } from '../exit-codes.ts'
import { runProgram } from './container-command.ts'
import { buildImage, pushImage, type Inputs, type Outputs } from './image-steps.ts'

/** A step of `build` or `push` that can be taken here. */
export interface Step {
  readonly kind: string
  readonly id: string | undefined
  /** As they stand in the file. */
  readonly inputs: Inputs
}

/** Fills the placeholders of a step's inputs. */
export type Fill = (part: unknown, outputs: ReadonlyMap<string, Outputs>) => Promise<unknown>

type Take = (inputs: Inputs, warn: (message: string) => void) => Promise<Outputs>

export const BUILD_IMAGE = 'prefect_docker.deployments.steps.build_docker_image'
export const PUSH_IMAGE = 'prefect_docker.deployments.steps.push_docker_image'

/** Functions of Python whose work is done here in another way. */
const KINDS: Readonly<Record<string, Take>> = {
  [BUILD_IMAGE]: buildImage,
  [PUSH_IMAGE]: pushImage,
  'prefect.deployments.steps.run_shell_script': runShellScript,
}

/** @throws {CommandError} for a step that only Python can take */
export function plannedSteps(name: string, build: readonly Record<string, unknown>[], push: readonly Record<string, unknown>[]): Step[] {
  return [...build, ...push].flatMap((step) =>
    Object.entries(step).map(([kind, given]) => {
      if (!Object.hasOwn(KINDS, kind)) {
        throw new CommandError(`The deployment '${name}' has the step '${kind}', which is a Python function and cannot be run here.`, {
          remedy: `Steps that can: ${Object.keys(KINDS).join(', ')}. Do the others' work before, and set 'build: null' and 'push: null' in the deployment.`,
        })
      }
      const { id, requires: _package, ...inputs } = (given ?? {}) as { id?: string; requires?: unknown } & Inputs
      return { kind, id, inputs }
    }),
  )
}

/**
 * Takes steps one after the other; one that a deployment before has taken with the same inputs is not taken again.
 *
 * @param taken what has been taken, by kind and inputs
 * @returns the outputs of those that have an id
 */
export async function takeSteps(steps: readonly Step[], fill: Fill, taken: Map<string, Outputs>, say: (message: string) => void): Promise<Map<string, Outputs>> {
  const outputs = new Map<string, Outputs>()
  for (const { kind, id, inputs } of steps) {
    const filled = (await fill(inputs, outputs)) as Inputs
    const key = JSON.stringify([kind, filled])
    if (!taken.has(key)) say(`Step ${kind.slice(kind.lastIndexOf('.') + 1)}:`)
    const output = taken.get(key) ?? (await KINDS[kind]!(filled, say))
    taken.set(key, output)
    if (id !== undefined) outputs.set(id, output)
  }
  return outputs
}

async function runShellScript({ script, directory, env, stream_output: isShown }: Inputs): Promise<Outputs> {
  if (typeof script !== 'string') throw new CommandError('A step run_shell_script has no script.')
  let stdout = ''
  await runProgram('sh', ['-ec', script], script.trim().split('\n')[0]!, {
    onStdout: (text) => (stdout += text),
    isShown: isShown !== false && isShown !== 'false',
    ...(typeof directory === 'string' ? { cwd: directory } : {}),
    env: Object.fromEntries(Object.entries((env ?? {}) as object).map(([name, value]) => [name, String(value)])),
  })
  return { stdout: stdout.trim(), stderr: '' }
}
