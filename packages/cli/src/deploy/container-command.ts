import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { CommandError } from '../exit-codes.ts'

/**
 * The command with which images are built: `docker`, else `podman`.
 *
 * @throws {CommandError} when neither is on PATH
 */
export function containerCommand(searchPath = process.env['PATH'] ?? ''): 'docker' | 'podman' {
  const found = (['docker', 'podman'] as const).find((name) => searchPath.split(path.delimiter).some((folder) => folder !== '' && isExecutable(path.join(folder, name))))
  if (found === undefined) {
    throw new CommandError("Images are built with the command 'docker' or 'podman', and neither is on PATH.", {
      remedy: 'Install one (https://docs.docker.com/get-docker), or build and push the image elsewhere and deploy it with: --image <name>:<tag>, without --build and --push.',
    })
  }
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text for its standard input. */
  readonly input?: string
  /** Gets what it writes to standard output. */
  readonly onStdout?: (text: string) => void
  /** Whether that is shown too. Default true. */
  readonly isShown?: boolean
}

/**
 * Runs a program to its end. What it prints goes to stderr: it is not the result of the command.
 *
 * @param shown how it stands in errors
 * @throws {CommandError} when it fails
 */
export async function runProgram(command: string, args: readonly string[], shown: string, { cwd, env, input, onStdout, isShown = true }: ProgramOptions = {}): Promise<void> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: [input === undefined ? 'ignore' : 'pipe', onStdout ? 'pipe' : process.stderr, process.stderr] })
  child.stdin?.on('error', () => {}) // It may end without reading.
  child.stdin?.end(input)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    onStdout?.(text)
    if (isShown) process.stderr.write(text)
  })
  const ended = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? String(code)))
  })
  if (ended !== '0') throw new CommandError(`'${shown}' failed (${/^\d+$/.test(ended) ? `exit code ${ended}` : ended}); what it said stands above. Nothing was deployed.`, { remedy: remedyFor(command) })
}

function remedyFor(command: string): string | undefined {
  return command === 'docker' || command === 'podman' ? `'${command} info' tells whether ${command} works here at all.` : undefined
}
