import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { cleanEnvironment } from '../compat/target.ts'

type AfterHook = { after(work: () => unknown): void }

/** A line that a Python part printed: one JSON object. */
export type Line = Readonly<Record<string, unknown>>

export interface PythonPart {
  send(command: object): void
  /** Calls back for every further line. */
  onLine(listener: (line: Line) => void): void
  /** What it printed so far beside the JSON lines. */
  text(): string
  /** What it wrote to stderr so far. */
  errors(): string
  /** Of its process group too. */
  readonly pid: number
  signal(signal: NodeJS.Signals): void
  /** Resolves with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** Resolves with the first `count` lines, those printed already too, that the check accepts. Default time-out: 60 s. */
  all(check: (line: Line) => boolean, count: number, what: string, timeoutMs?: number): Promise<Line[]>
  /** Those of the lines printed so far. */
  soFar(check: (line: Line) => boolean): Line[]
}

export interface PythonOptions {
  /** Of the stock client. Default 3.8.8. */
  version?: string
  /** Further settings of the client. */
  env?: Record<string, string>
}

/**
 * Starts a script with the stock Prefect client: one of those in stock/ by its name, or any other by its URL. It is commanded by
 * JSON lines on stdin, answers by JSON lines on stdout, and is gone with the test, with everything that it started.
 */
export async function startPython(
  t: AfterHook,
  script: string | URL,
  apiUrl: string,
  args: readonly string[] = [],
  options: PythonOptions = {},
): Promise<PythonPart> {
  const { python } = await ensurePrefect(options.version ?? '3.8.8')
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-faults-'))
  const file = fileURLToPath(typeof script === 'string' ? new URL(`./stock/${script}.py`, import.meta.url) : script)
  const child = spawn(python, [file, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: cleanEnvironment({
      PREFECT_HOME: home,
      PREFECT_PROFILES_PATH: path.join(home, 'profiles.toml'),
      PREFECT_API_URL: apiUrl,
      PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false',
      PREFECT_LOGGING_LEVEL: 'WARNING',
      PYTHONUNBUFFERED: '1',
      NO_COLOR: '1',
      ...options.env,
    }),
  })
  let errors = ''
  let plain = ''
  let ended = false
  const lines: Line[] = []
  const listeners = new Set<(line: Line) => void>()
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-100_000)))
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) {
      plain = `${plain}${text}\n`.slice(-100_000)
      return
    }
    const line = JSON.parse(text) as Line
    lines.push(line)
    for (const listener of listeners) listener(line)
  })
  const closed = once(child, 'close').then(([code]) => {
    ended = true
    return code as number | null
  })
  const killAll = (): void => {
    try {
      if (!ended && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group is gone already.
    }
  }
  process.once('exit', killAll)
  t.after(async () => {
    killAll()
    process.removeListener('exit', killAll)
    await closed
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    ended: closed,
    send: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    onLine: (listener) => void listeners.add(listener),
    text: () => plain,
    errors: () => errors,
    soFar: (check) => lines.filter(check),
    async all(check, count, what, timeoutMs = 60_000) {
      const found = lines.filter(check)
      if (found.length >= count) return found.slice(0, count)
      const came = Promise.withResolvers<Line[]>()
      const listener = (line: Line): void => {
        if (check(line) && found.push(line) === count) came.resolve(found)
      }
      listeners.add(listener)
      const timer = setTimeout(() => came.reject(new Error(`waited in vain for ${what}\n${errors}`)), timeoutMs)
      void closed.then(() => came.reject(new Error(`${path.basename(file)} ended before ${what}\n${errors}`)))
      try {
        return await came.promise
      } finally {
        clearTimeout(timer)
        listeners.delete(listener)
      }
    },
  }
}
