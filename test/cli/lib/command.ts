import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testServer, type TestServer } from '@spillway/sdk/testing'

export const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const mainFile = path.join(repository, 'packages/cli/src/main.ts')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
}

/** A `spillway` command that is under way. */
export interface Started {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  readonly ended: Promise<Ended>
  /** Resolves when stdout (or stderr) shows it; rejects when the command ends before. */
  shows(what: RegExp, deadlineMs?: number): Promise<RegExpExecArray>
}

/** The `spillway` command with an own home, profile and server: nothing of the machine's user is seen. */
export interface CommandFixture {
  /** Its `SPILLWAY_HOME` and `HOME`. */
  readonly home: string
  /** Starts `spillway` with these words. */
  start(args: readonly string[], options?: RunOptions): Started
  /** Runs it to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Ended>
  /** Runs it, expects exit code 0, and returns stdout. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>
  /** Runs it with `--json`, expects exit code 0, and returns what it printed. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>
}

/** The command without a server. It is gone with the test file. */
export function commandFixture(env: Readonly<Record<string, string>> = {}): CommandFixture {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-command-'))
  const running = new Set<Started>()
  after(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGKILL')
      await ended
    }
    rmSync(home, { recursive: true, force: true })
  })
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PREFECT|SPILLWAY|NODE_TEST|FORCE_COLOR)/.test(name)))
  const base = { ...inherited, HOME: home, SPILLWAY_HOME: home, PREFECT_HOME: path.join(home, 'prefect'), NO_COLOR: '1', NODE_NO_WARNINGS: '1', ...env }
  const start = (args: readonly string[], options: RunOptions = {}): Started => {
    const started = startCommand(args, { ...options, env: { ...base, ...options.env }, cwd: options.cwd ?? home })
    running.add(started)
    void started.ended.then(() => running.delete(started))
    return started
  }
  const run = (args: readonly string[], options?: RunOptions): Promise<Ended> => start(args, options).ended
  const ok = async (args: readonly string[], options?: RunOptions): Promise<string> => {
    const { code, stdout, stderr } = await run(args, options)
    assert.equal(code, 0, `spillway ${args.join(' ')}\n${stdout}${stderr}`)
    return stdout
  }
  return { home, start, run, ok, json: async <T>(args: readonly string[], options?: RunOptions) => JSON.parse(await ok([...args, '--json'], options)) as T }
}

/** The command with a live server: call at the top of a test file. The server is this process's session too. */
export async function liveFixture(serverEnv: Readonly<Record<string, string>> = {}, commandEnv: Readonly<Record<string, string>> = {}): Promise<CommandFixture & { readonly server: TestServer }> {
  const server = await testServer(serverEnv)
  after(() => server.close())
  return { ...commandFixture({ PREFECT_API_URL: server.apiUrl, ...commandEnv }), server }
}

function startCommand(args: readonly string[], { env, cwd, input }: RunOptions): Started {
  const child = spawn(process.execPath, ['--conditions=spillway-source', mainFile, ...args], { env, cwd, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
  child.stdin?.end(input)
  const texts = { stdout: '', stderr: '' }
  const changed = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
      for (const look of changed) look()
    })
  }
  const ended = new Promise<Ended>((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...texts })))
  const shows = async (what: RegExp, deadlineMs = 180_000): Promise<RegExpExecArray> => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
    const look = (): void => {
      const found = what.exec(texts.stdout) ?? what.exec(texts.stderr)
      if (found) resolve(found)
    }
    const missing = (why: string) => () => reject(new Error(`${String(what)} was not shown ${why}:\n${texts.stdout}${texts.stderr}`))
    const timer = setTimeout(missing(`within ${deadlineMs} ms`), deadlineMs)
    changed.add(look)
    look()
    void ended.then(missing('before the end'))
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      changed.delete(look)
    }
  }
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended, shows }
}
