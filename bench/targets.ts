/**
 * The servers that are compared, each started as a process of its own on a free port of the loopback with data of its own.
 *
 * `bare` is bench/bare.ts, and `bare-ws` the same without its store for events; `spillway` this checkout (SPILLWAY_BENCH=dist takes the built files instead of the sources,
 * SPILLWAY_BENCH_NODE="--cpu-prof --cpu-prof-dir=/tmp/profile" gives Node these options);
 * `prefect-3.8.8`, `prefect-3.9.1` the real server from the private venv that scripts/set-up/prefect.mjs makes.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { HttpConnection } from './lib/http-connection.ts'
import { endPart } from './lib/process.ts'

const HOST = '127.0.0.1'
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
const HEALTHY_WITHIN_MS = 120_000

export interface Target {
  name: string
  host: string
  port: number
  /** Path before the API's routes. */
  base: string
  /** Its data folder. */
  home: string
  /** From spawn until the health route answered 200. */
  healthyAfterMs: number
  process: ChildProcess
  /** The process and its children. */
  pids(): number[]
  /** Resident memory of the process and its children, MiB. */
  memoryMiB(): number
  /** Ends it; its data stay when they were given from outside. */
  stop(): Promise<void>
}

interface Launch {
  command: string
  args: string[]
  env: Record<string, string>
}

/**
 * Starts a server and waits until it is healthy.
 *
 * @param home A data folder to start on, which is kept; without one a new folder is made and removed by `stop`.
 */
export async function startTarget(name: string, home?: string): Promise<Target> {
  const folder = home ?? mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const launch = launchOf(name, folder, port)
  const startMs = performance.now()
  const child = spawn(launch.command, launch.args, { cwd: REPOSITORY, env: launch.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = lastOutput(child)
  child.on('error', () => {})
  try {
    await untilHealthy(port, child)
  } catch (error) {
    await endPart(child, 'SIGKILL')
    throw new Error(`${name} did not start: ${(error as Error).message}\n${output()}`, { cause: error })
  }
  return {
    name, host: HOST, port, base: '/api', home: folder, process: child,
    healthyAfterMs: performance.now() - startMs,
    pids: () => treePids(child.pid!),
    memoryMiB: () => Math.round((treePids(child.pid!).reduce((sum, pid) => sum + residentKib(pid), 0) / 1024) * 10) / 10,
    stop: async () => {
      await endPart(child)
      if (!home) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** True when the target can be started here; tells why not otherwise. */
export function canStart(name: string): boolean {
  if (!name.startsWith('prefect-') || existsSync(prefectCommand(name))) return true
  process.stderr.write(`skipping ${name}: no environment; make it with: node scripts/set-up/prefect.mjs ${name.slice(8)}\n`)
  return false
}

function launchOf(name: string, home: string, port: number): Launch {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: tmpdir() }
  const sourceArgs = ['--conditions=spillway-source', '--disable-warning=ExperimentalWarning']
  if (name === 'bare' || name === 'bare-ws') {
    const args = [...sourceArgs, 'bench/bare.ts', join(home, 'bare.db'), String(port)]
    return { command: process.execPath, args, env: { ...env, ...(name === 'bare-ws' && { BARE_EVENTS: 'unstored' }) } }
  }
  if (name === 'spillway') {
    const built = process.env['SPILLWAY_BENCH'] === 'dist'
    const program = built ? ['packages/cli/dist/main.js'] : [...sourceArgs, 'packages/cli/src/main.ts']
    return {
      command: process.execPath,
      args: [...(process.env['SPILLWAY_BENCH_NODE']?.split(' ') ?? []), ...program, 'server', 'start'],
      env: { ...env, SPILLWAY_HOME: home, PREFECT_SERVER_API_HOST: HOST, PREFECT_SERVER_API_PORT: String(port) },
    }
  }
  if (!name.startsWith('prefect-')) throw new Error(`no target ${name}; there are bare, bare-ws, spillway, prefect-3.8.8, prefect-3.9.1`)
  return {
    command: prefectCommand(name),
    args: ['server', 'start', '--host', HOST, '--port', String(port)],
    env: { ...env, PREFECT_HOME: home, PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1' },
  }
}

function prefectCommand(name: string): string {
  return join(REPOSITORY, '.cache', name, 'bin', 'prefect')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function untilHealthy(port: number, child: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + HEALTHY_WITHIN_MS
  const connection = new HttpConnection(HOST, port)
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) throw new Error('it ended at once')
    const status = await connection.request('GET', '/api/health').then((reply) => reply.status, () => 0)
    if (status === 200) return connection.close()
    await delay(5)
  }
  connection.close()
  throw new Error(`not healthy after ${HEALTHY_WITHIN_MS / 1000} s`)
}

/** Keeps the end of what a process printed, for the message when it fails. */
function lastOutput(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => { text = (text + chunk).slice(-4000) })
  return () => text
}

function treePids(rootPid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const pids = new Set([rootPid])
  for (let size = 0; size !== pids.size;) {
    size = pids.size
    for (const [pid, parent] of rows) if (pids.has(parent)) pids.add(pid)
  }
  return [...pids]
}

function residentKib(pid: number): number {
  try {
    if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString())
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
