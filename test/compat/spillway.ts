import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, freePort, makeTempDir, startServer } from './target.ts'
import type { Target } from './target.ts'

export type SpillwayOptions = {
  /** Further settings of the server, both `PREFECT_…` and `SPILLWAY_…`. */
  env?: Record<string, string>
  /** Default a minute: nobody waits for it but a machine that is busy with other tests. */
  startTimeoutMs?: number
}

const mainFile = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** Starts Spillway from its sources on an empty data directory, on a free port of 127.0.0.1. */
export async function startSpillway(options: SpillwayOptions = {}): Promise<Target> {
  const port = await freePort()
  const homeDir = makeTempDir('home')
  const env = cleanEnvironment({
    SPILLWAY_HOME: homeDir,
    PREFECT_HOME: path.join(homeDir, 'prefect-home'),
    PREFECT_SERVER_API_HOST: '127.0.0.1',
    PREFECT_SERVER_API_PORT: String(port),
    ...options.env,
  })
  return await startServer({
    label: 'Spillway',
    command: process.execPath,
    args: ['--conditions=spillway-source', mainFile, 'server', 'start'],
    env,
    homeDir,
    port,
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
  })
}
