import { fileURLToPath } from 'node:url'
import { startPrefectProcess } from '../../packages/sdk/src/testing/prefect-process.ts'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import type { Target } from './target.ts'

const pythonDir = fileURLToPath(new URL('./python', import.meta.url))

export type RealPrefectOptions = {
  version: string
  /** Further settings of the server, such as `PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS`. */
  env?: Record<string, string>
  /** Default 90 s: the first start makes the database and installs the system blocks. */
  startTimeoutMs?: number
}

/** Starts the real Prefect server of a version, as `prefectServer()` of the testing harness does it. */
export async function startRealPrefect({ version, env = {}, startTimeoutMs = 90_000 }: RealPrefectOptions): Promise<Target> {
  const { prefectCommand } = await ensurePrefect(version)
  const { home, ...running } = await startPrefectProcess({ command: prefectCommand, env: { PYTHONPATH: pythonDir, ...env }, startTimeoutMs })
  return { ...running, homeDir: home }
}
