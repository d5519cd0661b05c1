import type { TestContext } from 'node:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Session, setDefaultSession } from '../session.ts'
import { readSdkSettings } from '../settings.ts'

/** A session without a server whose log is kept in a list, in the place of the process's own. */
export function offlineSession(t: TestContext): { session: Session; log: string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-sdk-'))
  const log: string[] = []
  const session = new Session({ settings: readSdkSettings({ PREFECT_HOME: folder }), logSink: ({ message }) => log.push(message) })
  setDefaultSession(session)
  t.after(() => {
    setDefaultSession(undefined)
    rmSync(folder, { recursive: true, force: true })
  })
  return { session, log }
}
