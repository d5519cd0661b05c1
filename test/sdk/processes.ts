import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from '../compat/target.ts'
import { atEnd } from './at-end.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  output(): string
}

/** Starts a TypeScript program in the repository's folder; it and all it has started are gone when the tests are over. */
export function startProgram(file: string, env: Record<string, string>, args: readonly string[] = []): Program {
  return start(process.execPath, ['--conditions=spillway-source', file, ...args], env)
}

export function start(command: string, args: readonly string[], env: Record<string, string>, cwd = root): Program {
  const child = spawn(command, args, { cwd, env: cleanEnvironment({ ...env, NODE_NO_WARNINGS: '1' }), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  child.stdout.on('data', (chunk) => (output = (output + chunk).slice(-50_000)))
  child.stderr.on('data', (chunk) => (output = (output + chunk).slice(-50_000)))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  atEnd(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has ended.
    }
  })
  return { child, ended, output: () => output }
}
