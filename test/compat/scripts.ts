import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { cleanEnvironment, makeTempDir } from './target.ts'

const flowsDir = fileURLToPath(new URL('./flows', import.meta.url))
const shared = new Set(['checks', 'commands'])
const heavy = new Set(['many_tasks', 'fan_out'])

export type ScriptRun = {
  name: string
  ok: boolean
  exitCode: number | null
  seconds: number
  output: string
}

export type ScriptOptions = {
  name: string
  apiUrl: string
  prefectVersion: string
  env?: Record<string, string>
  /** Default 600 s; then the script and all its children are killed. */
  timeoutMs?: number
}

/** Client settings that make a stock client quick: it polls often and sends its logs at once. */
const quickSettings: Record<string, string> = {
  PREFECT_RUNNER_POLL_FREQUENCY: '1',
  PREFECT_RUNNER_HEARTBEAT_FREQUENCY: '30',
  PREFECT_WORKER_QUERY_SECONDS: '1',
  PREFECT_WORKER_PREFETCH_SECONDS: '5',
  PREFECT_LOGGING_TO_API_BATCH_INTERVAL: '0.2',
  PREFECT_LOGGING_EXTRA_LOGGERS: '',
  PREFECT_CLI_COLORS: 'false',
  PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false',
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  PYTHONUNBUFFERED: '1',
  NO_COLOR: '1',
  COLUMNS: '200',
  DO_NOT_TRACK: '1',
}

/** Names of the scripts in flows/, without the heavy ones. */
export function ordinaryScripts(): string[] {
  return readdirSync(flowsDir)
    .filter((file) => file.endsWith('.py'))
    .map((file) => file.slice(0, -3))
    .filter((name) => !shared.has(name) && !heavy.has(name))
    .sort()
}

/** Names of the scripts that load the machine for minutes. */
export function heavyScripts(): string[] {
  return [...heavy]
}

/**
 * Runs one script with the stock client in a home of its own and gives what came of it; it never throws for a failing
 * script. The script and everything it started are gone when the promise is fulfilled.
 */
export async function runScript(options: ScriptOptions): Promise<ScriptRun> {
  const prefect = await ensurePrefect(options.prefectVersion)
  const homeDir = makeTempDir(`client-${options.name}`)
  mkdirSync(path.join(homeDir, 'work'))
  const startedMs = Date.now()
  const child = spawn(prefect.python, [path.join(flowsDir, `${options.name}.py`)], {
    cwd: path.join(homeDir, 'work'),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment({
      ...quickSettings,
      PREFECT_HOME: homeDir,
      PREFECT_PROFILES_PATH: path.join(homeDir, 'profiles.toml'),
      PREFECT_API_URL: options.apiUrl,
      PATH: `${path.dirname(prefect.python)}${path.delimiter}${process.env.PATH ?? ''}`,
      ...options.env,
    }),
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const timeoutMs = options.timeoutMs ?? 600_000
  const killAll = (): void => killGroup(child.pid)
  const timer = setTimeout(() => {
    output += `\nFAILED: not done after ${timeoutMs / 1000} s\n`
    killAll()
  }, timeoutMs)
  process.once('exit', killAll)
  const exitCode = await new Promise<number | null>((resolve) => {
    child.on('close', resolve)
    child.on('error', (error) => {
      output += `\n${error.message}\n`
      resolve(null)
    })
  })
  clearTimeout(timer)
  killAll()
  process.removeListener('exit', killAll)
  rmSync(homeDir, { recursive: true, force: true, maxRetries: 5 })
  return { name: options.name, ok: exitCode === 0, exitCode, seconds: (Date.now() - startedMs) / 1000, output }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
}
