import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cli } from './cli.ts'
import { CommandError } from './exit-codes.ts'
import { isAlive, runningServer, type ServerRecord } from './server-record.ts'

const START_MS = 60_000
/** The server drains for up to ten seconds. */
const STOP_MS = 15_000

/** Starts the server in a process that outlives this one, and waits until it serves. Its output goes to a file in its home. */
export async function startInBackground(cli: Cli, home: string, env: NodeJS.ProcessEnv): Promise<ServerRecord> {
  const running = runningServer(home)
  if (running) throw new CommandError(`A server runs in ${home} already: ${running.url}, process ${running.pid}.`, { remedy: "'spillway server stop' stops it; another SPILLWAY_HOME and --port give a second one." })
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const logFile = path.join(home, 'server.log')
  const log = openSync(logFile, 'a+', 0o600)
  const fromByte = fstatSync(log).size
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'server', 'start'], { env, detached: true, stdio: ['ignore', log, log] })
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? code}`))
  const progress = cli.progress('Starting the server…')
  try {
    for (const untilMs = performance.now() + START_MS; performance.now() < untilMs && ended === undefined; await delay(50)) {
      const record = runningServer(home)
      if (record && record.pid === child.pid) return record
    }
  } finally {
    progress.end()
    child.unref()
    child.removeAllListeners()
    closeSync(log)
  }
  if (ended === undefined) process.kill(child.pid!, 'SIGTERM')
  throw new CommandError(`The server did not start: ${ended ?? `it does not serve after ${START_MS / 1000} s`}.\n${textFrom(logFile, fromByte)}`.trimEnd(), { remedy: `Its output is in ${logFile}.` })
}

/** Ends the server of a home and waits for its end. */
export async function stopServer(cli: Cli, home: string): Promise<ServerRecord> {
  const record = runningServer(home)
  if (!record) throw new CommandError(`No server runs in ${home}.`, { remedy: 'SPILLWAY_HOME says which one is meant; a server of another user or container is stopped there.' })
  process.kill(record.pid, 'SIGTERM')
  const progress = cli.progress(`Stopping the server (process ${record.pid})…`)
  try {
    for (const untilMs = performance.now() + STOP_MS; performance.now() < untilMs; await delay(50)) if (!isAlive(record)) return record
  } finally {
    progress.end()
  }
  throw new CommandError(`The server (process ${record.pid}) was told to end and lives after ${STOP_MS / 1000} s.`, { remedy: `What it is at stands in its log; kill -9 ${record.pid} loses nothing that was acknowledged.` })
}


function textFrom(file: string, fromByte: number): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(4096, Math.max(0, fstatSync(descriptor).size - fromByte)))
    readSync(descriptor, bytes, 0, bytes.length, fromByte)
    return bytes.toString()
  } finally {
    closeSync(descriptor)
  }
}
