import { rmSync } from 'node:fs'
import { Session } from '../../packages/sdk/src/session.ts'
import { readSdkSettings } from '../../packages/sdk/src/settings.ts'
import { startRealPrefect } from '../compat/real-prefect.ts'
import { startSpillway } from '../compat/spillway.ts'
import { makeTempDir, type Target } from '../compat/target.ts'
import { atEnd } from './at-end.ts'

export type TargetName = 'Spillway' | 'Prefect 3.8.8'

/** Starts a server of either kind; it is gone when the tests of the file are over. */
export async function startTarget(name: TargetName, env: Record<string, string> = {}): Promise<Target> {
  const target = name === 'Spillway' ? await startSpillway({ env }) : await startRealPrefect({ version: name.slice(8), env, startTimeoutMs: 240_000 })
  atEnd(() => target.stop())
  return target
}

export interface TestSession {
  readonly session: Session
  readonly log: string[]
  /** What a process needs in its environment to talk to the same server and keep its results in the same folder. */
  readonly env: Record<string, string>
}

/** A session with a server, its log kept in a list. */
export function sessionWith(apiUrl: string, env: Record<string, string> = {}): TestSession {
  const log: string[] = []
  const home = makeTempDir('sdk-home')
  atEnd(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const all = { PREFECT_HOME: home, PREFECT_API_URL: apiUrl, ...env }
  const session = new Session({ settings: readSdkSettings(all), logSink: ({ message }) => log.push(message) })
  atEnd(() => session.close())
  return { session, log, env: all }
}
