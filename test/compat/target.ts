import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { isHealthy } from '../../packages/sdk/src/testing/prefect-process.ts'

export { freePort } from '../../packages/sdk/src/testing/free-port.ts'

/** A server under test: the real Prefect server or Spillway, both spoken to by URL only. */
export type Target = {
  /** What `PREFECT_API_URL` has to be, such as `http://127.0.0.1:4200/api`. */
  apiUrl: string
  /** Process id of the server, for tests that stop or kill it. */
  pid: number
  /** The server's own data directory; removed by `stop`. */
  homeDir: string
  /** What the server has printed so far (the last 200,000 characters). */
  output(): string
  /** Ends the server, waits until it is gone, and removes its data. */
  stop(): Promise<void>
}

export type ServerCommand = {
  label: string
  command: string
  args: string[]
  env: Record<string, string>
  homeDir: string
  port: number
  /** Longest time from spawn to the first healthy answer, in milliseconds. */
  startTimeoutMs: number
}

const keptOutputChars = 200_000

/** A temporary directory that is the caller's to remove. */
export function makeTempDir(label: string): string {
  return mkdtempSync(path.join(os.tmpdir(), `spillway-${label}-`))
}

/**
 * The environment without anything that would lead a Prefect client or server to other servers, homes or profiles.
 */
export function cleanEnvironment(extra: Record<string, string>): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(PREFECT|SPILLWAY|NODE_TEST|PYTHON(?!IOENCODING))/.test(name)) env[name] = value
  }
  return { ...env, ...extra }
}

/**
 * Starts a server as a child in its own process group and waits for `GET /api/health`.
 *
 * @throws with the server's output when it exits or is not healthy in time
 */
export async function startServer(server: ServerCommand): Promise<Target> {
  const child = spawn(server.command, server.args, {
    env: server.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-keptOutputChars)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let ended = false
  const exit = new Promise<void>((resolve) => {
    child.on('close', () => resolve())
    child.on('error', (error) => {
      output += `${error.message}\n`
      resolve()
    })
  }).then(() => {
    ended = true
  })
  const killAll = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // The group is gone already.
    }
  }
  const onExit = (): void => killAll('SIGKILL')
  process.once('exit', onExit)

  const stop = async (): Promise<void> => {
    killAll('SIGTERM')
    const forced = setTimeout(() => killAll('SIGKILL'), 10_000)
    await exit
    clearTimeout(forced)
    killAll('SIGKILL')
    process.removeListener('exit', onExit)
    rmSync(server.homeDir, { recursive: true, force: true, maxRetries: 5 })
  }

  const apiUrl = `http://127.0.0.1:${server.port}/api`
  const deadline = Date.now() + server.startTimeoutMs
  while (!(await isHealthy(apiUrl))) {
    if (ended || Date.now() > deadline) {
      await stop()
      const why = ended ? 'ended before it was healthy' : `was not healthy after ${server.startTimeoutMs} ms`
      throw new Error(`${server.label} ${why}\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { apiUrl, pid: child.pid ?? 0, homeDir: server.homeDir, output: () => output, stop }
}
