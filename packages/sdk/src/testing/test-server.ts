import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Session, setDefaultSession } from '../session.ts'
import { readSdkSettings } from '../settings.ts'
import { openFaultGate, type Faults } from './fault-gate.ts'

/** A server inside this process. */
export interface TestServer extends AsyncDisposable {
  /** Its address, at the gate where the faults are made. */
  readonly apiUrl: string
  /** Trouble between this process and the server. */
  readonly faults: Faults
  /** Talks to it, and is this process's session until `close`. */
  readonly session: Session
  close(): Promise<void>
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
  const gate = await openFaultGate(running.apiUrl)
  const session = new Session({ settings: readSdkSettings({ PREFECT_HOME: home, PREFECT_API_URL: gate.apiUrl }) })
  setDefaultSession(session)
  const close = async (): Promise<void> => {
    setDefaultSession(undefined)
    gate.faults.reset()
    await session.flush()
    await session.close()
    await gate.close()
    await running.close()
    rmSync(home, { recursive: true, force: true })
  }
  return { apiUrl: gate.apiUrl, faults: gate.faults, session, close, [Symbol.asyncDispose]: close }
}
