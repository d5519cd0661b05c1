import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { cleanEnvironment, freePort, makeTempDir, startServer } from './target.ts'
import type { Target } from './target.ts'

const pythonDir = fileURLToPath(new URL('./python', import.meta.url))

export type RealPrefectOptions = {
  version: string
  /** Further settings of the server, such as `PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS`. */
  env?: Record<string, string>
  /** Default 90 s: the first start makes the database and installs the system blocks. */
  startTimeoutMs?: number
}

/**
 * Starts the real Prefect server on a fresh SQLite database in a temporary home, on a free port of 127.0.0.1.
 * Its telemetry is off, so it talks to nobody but its clients.
 */
export async function startRealPrefect(options: RealPrefectOptions): Promise<Target> {
  const prefect = await ensurePrefect(options.version)
  const port = await freePort()
  const homeDir = makeTempDir('prefect-home')
  const env = cleanEnvironment({
    PREFECT_HOME: homeDir,
    PREFECT_PROFILES_PATH: path.join(homeDir, 'profiles.toml'),
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    PREFECT_SERVER_UI_ENABLED: 'false',
    PREFECT_SERVER_DATABASE_CONNECTION_URL: `sqlite+aiosqlite:///${path.join(homeDir, 'prefect.db')}`,
    PREFECT_CLI_COLORS: 'false',
    PYTHONPATH: pythonDir,
    ...options.env,
  })
  return await startServer({
    label: `Prefect ${options.version}`,
    command: prefect.prefectCommand,
    args: ['server', 'start', '--host', '127.0.0.1', '--port', String(port)],
    env,
    homeDir,
    port,
    startTimeoutMs: options.startTimeoutMs ?? 90_000,
  })
}
