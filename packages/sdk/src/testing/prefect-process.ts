import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SpillwayError } from '../errors.ts'
import { freePort } from './free-port.ts'

/** Which Prefect is started, and how. */
export interface PrefectProcessOptions {
  /** The `prefect` command. Default: the one on `PATH`, which is that of an active virtual environment. */
  readonly command?: string
  /** In its place the Python of an environment in which Prefect is installed, such as `.venv/bin/python`. */
  readonly python?: string
  /** Settings of the server beside those of this function, such as `PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS`. */
  readonly env: Readonly<Record<string, string>>
  readonly startTimeoutMs: number
}

/** A Prefect server in a process of its own, with a home and a database of its own. */
export interface PrefectProcess {
  readonly apiUrl: string
  readonly pid: number
  readonly home: string
  /** What it has printed, the last 200,000 characters. */
  output(): string
  /** Ends it, waits until it is gone, and removes its data. */
  stop(): Promise<void>
}

const OUTPUT_CHARS_MAX = 200_000
const STOP_GRACE_MS = 10_000
const LOOK_MS = 100

/**
 * Starts `prefect server start` on a free port of the loopback and waits until it answers. Its telemetry is off, so it talks to
 * nobody but its clients.
 *
 * @throws {SpillwayError} `prefect-missing`, or `prefect-not-started` with what it has printed
 */
export async function startPrefectProcess({ command, python, env, startTimeoutMs }: PrefectProcessOptions): Promise<PrefectProcess> {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-prefect-'))
  const port = await freePort()
  const [program = '', ...args] = python === undefined ? [command ?? 'prefect'] : [python, '-m', 'prefect']
  const child = spawn(program, [...args, 'server', 'start', '--host', '127.0.0.1', '--port', String(port)], {
    env: environment(home, env), stdio: ['ignore', 'pipe', 'pipe'], detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_CHARS_MAX)))
  let isMissing = false
  let isEnded = false
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      isMissing = error.code === 'ENOENT'
      output += error.message
      resolve()
    })
    child.once('close', () => resolve())
  }).then(() => void (isEnded = true))
  const onExit = (): void => signalGroup(child, 'SIGKILL')
  process.once('exit', onExit)
  const stop = async (): Promise<void> => {
    signalGroup(child, 'SIGTERM')
    const overdue = setTimeout(onExit, STOP_GRACE_MS)
    await ended
    clearTimeout(overdue)
    onExit()
    process.removeListener('exit', onExit)
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }

  const apiUrl = `http://127.0.0.1:${port}/api`
  const untilMs = performance.now() + startTimeoutMs
  while (!(await isHealthy(apiUrl))) {
    if (isEnded || performance.now() > untilMs) {
      const why = isEnded ? 'ended before it answered' : `has not answered within ${startTimeoutMs / 1000} s`
      await stop()
      if (isMissing || /No module named prefect/.test(output)) throw missing(program, python !== undefined)
      throw new SpillwayError('prefect-not-started', `the Prefect server ${why}:\n${output}`)
    }
    await Promise.race([delay(LOOK_MS), ended])
  }
  return { apiUrl, pid: child.pid!, home, output: () => output, stop }
}

/** Nothing of this process's environment leads it to another server, profile or database. */
function environment(home: string, env: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PREFECT|SPILLWAY)_/.test(name))
  return {
    ...Object.fromEntries(inherited),
    PREFECT_HOME: home,
    PREFECT_PROFILES_PATH: path.join(home, 'profiles.toml'),
    PREFECT_SERVER_DATABASE_CONNECTION_URL: `sqlite+aiosqlite:///${path.join(home, 'prefect.db')}`,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    PREFECT_SERVER_UI_ENABLED: 'false',
    PREFECT_CLI_COLORS: 'false',
    ...env,
  }
}

function missing(program: string, isPython: boolean): SpillwayError {
  const what = isPython ? `${program} has no Prefect` : `there is no command '${program}'`
  return new SpillwayError('prefect-missing', `${what}: install it (pip install prefect), activate the environment that has it, or name it: prefectServer({ python: '.venv/bin/python' })`)
}

/** Whether a server answers there, within two seconds. */
export async function isHealthy(apiUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(2000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch {
    // Nothing of the group is left.
  }
}
