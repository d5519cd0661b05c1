import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { durationMs, type Duration } from '../duration.ts'
import { Session, setDefaultSession } from '../session.ts'
import { readSdkSettings } from '../settings.ts'
import { openFaultGate, type Faults } from './fault-gate.ts'
import { startPrefectProcess } from './prefect-process.ts'

/** A server of a test. */
export interface TestServer extends AsyncDisposable {
  /** Its address, at the gate where the faults are made. */
  readonly apiUrl: string
  /** Trouble between this process and the server. */
  readonly faults: Faults
  /** Talks to it, and is this process's session until `close`. */
  readonly session: Session
  close(): Promise<void>
}

/** Which Prefect `prefectServer()` starts. */
export interface PrefectServerOptions {
  /** The `prefect` command. Default: the one on `PATH`, which is that of an active virtual environment. */
  readonly command?: string
  /** In its place the Python of an environment in which Prefect is installed, such as `.venv/bin/python`. */
  readonly python?: string
  /** Settings of the server, `PREFECT_…`. */
  readonly env?: Readonly<Record<string, string>>
  /** How long it may take until it answers. Default 2 min: its first start makes the database. */
  readonly startTimeout?: Duration
}

/**
 * Starts a Spillway server in this process on a free port of the loopback, with its data in a temporary folder, and makes
 * it the server of this process. Needs the package `@spillway/server`.
 *
 * @param env settings of the server, `PREFECT_…` and `SPILLWAY_…`
 */
export async function testServer(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const [{ startServer }, { readSettings }] = await Promise.all([import('@spillway/server/main'), import('@spillway/server/settings')])
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-test-server-'))
  const running = await startServer(readSettings({ SPILLWAY_HOME: path.join(home, 'server'), PREFECT_SERVER_API_PORT: '0', PREFECT_SERVER_LOGGING_LEVEL: 'ERROR', ...env }))
  return await serverOf(running.apiUrl, home, async () => {
    await running.close()
    rmSync(home, { recursive: true, force: true })
  })
}

/**
 * Starts the Prefect server of a Python environment in a process of its own, on a free port of the loopback and with its data in a temporary
 * folder, and makes it the server of this process: the tests that run against `testServer()` run against it too.
 *
 * @throws {SpillwayError} `prefect-missing` where Prefect is not installed, `prefect-not-started` with what it has printed
 */
export async function prefectServer(options: PrefectServerOptions = {}): Promise<TestServer> {
  const { env = {}, startTimeout = '2m', ...which } = options
  const running = await startPrefectProcess({ ...which, env, startTimeoutMs: durationMs(startTimeout) })
  return await serverOf(running.apiUrl, running.home, () => running.stop())
}

async function serverOf(apiUrl: string, home: string, stop: () => Promise<void>): Promise<TestServer> {
  const gate = await openFaultGate(apiUrl)
  const session = new Session({ settings: readSdkSettings({ PREFECT_HOME: home, PREFECT_API_URL: gate.apiUrl }) })
  setDefaultSession(session)
  const close = async (): Promise<void> => {
    setDefaultSession(undefined)
    gate.faults.reset()
    await session.flush()
    await session.close()
    await gate.close()
    await stop()
  }
  return { apiUrl: gate.apiUrl, faults: gate.faults, session, close, [Symbol.asyncDispose]: close }
}
