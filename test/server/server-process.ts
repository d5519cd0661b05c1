import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const mainFile = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** A temporary folder that is gone with the test. */
export function temporaryFolder(t: { after(work: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-server-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface ServerProcess {
  readonly child: ChildProcess
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  stdout(): string
  stderr(): string
  /** Resolves with exit code or signal when the process has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

interface Spawned {
  child: ChildProcess
  stdout(): string
  stderr(): string
  ended: ServerProcess['ended']
}

/** Limits of the system for a server process; without them it has those of the test. */
export interface ProcessLimits {
  /** `ulimit -n` */
  descriptors?: number
}

function spawnCommand(env: Record<string, string>, args: readonly string[], { descriptors }: ProcessLimits = {}): Spawned {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PREFECT|SPILLWAY|NODE_TEST)/.test(name))
  const command = [process.execPath, '--conditions=spillway-source', mainFile, 'server', 'start', ...args]
  if (descriptors !== undefined) command.unshift('sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`)
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}

/** Starts `spillway server start` as a process and waits until it says that it runs. It is killed with the test. */
export async function startServerProcess(
  t: { after(work: () => unknown): void },
  env: Record<string, string>,
  args: readonly string[] = [],
  processLimits: ProcessLimits = {},
): Promise<ServerProcess> {
  const spawned = spawnCommand({ PREFECT_SERVER_API_PORT: '0', ...env }, args, processLimits)
  t.after(async () => {
    spawned.child.kill('SIGKILL')
    await spawned.ended
  })
  const running = new Promise<void>((resolve) => {
    spawned.child.stdout?.on('data', () => {
      if (spawned.stdout().includes('Ctrl-C stops it.')) resolve()
    })
  })
  await Promise.race([running, spawned.ended])
  const url = /Spillway is running at (\S+)/.exec(spawned.stdout())?.[1]
  if (url === undefined) throw new Error(`the server did not start:\n${spawned.stdout()}${spawned.stderr()}`)
  return { ...spawned, url }
}

/** Runs `spillway server start` where it is meant to refuse; resolves when it has ended. */
export async function runRefusedServer(
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string; tookMs: number }> {
  const startedMs = performance.now()
  const spawned = spawnCommand({ PREFECT_SERVER_API_PORT: '0', ...env }, args)
  const giveUp = setTimeout(() => spawned.child.kill('SIGKILL'), 60_000)
  const { code } = await spawned.ended
  clearTimeout(giveUp)
  return { code, stdout: spawned.stdout(), stderr: spawned.stderr(), tookMs: performance.now() - startedMs }
}
