import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { Option } from 'commander'
import type { Cli } from '../cli.ts'
import { subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { ownProfilesPath, spillwayHome } from '../profiles-file.ts'
import { runningServer } from '../server-record.ts'

interface Service {
  readonly name: string
  readonly key: string
  readonly description: string
  /** The value that switches it off, where that is not `false`. */
  readonly off?: string
}

/** The background services of the server, as its settings call them. */
const services: readonly Service[] = [
  { name: 'Scheduler', key: 'scheduler', description: 'Makes the runs of schedules ahead of time' },
  { name: 'MarkLateRuns', key: 'late_runs', description: 'Marks runs as Late that nobody has taken' },
  { name: 'FailExpiredPauses', key: 'pause_expirations', description: 'Fails paused runs whose time is over' },
  { name: 'CancellationCleanup', key: 'cancellation_cleanup', description: 'Brings the runs below a cancelled one to their end' },
  { name: 'Foreman', key: 'foreman', description: 'Notes which workers, pools and queues are at work' },
  { name: 'Repossessor', key: 'repossessor', description: 'Takes the slots of limits back whose holders are gone' },
  { name: 'DbVacuum', key: 'db_vacuum', description: 'Deletes old events, and old runs where that is wanted', off: 'none' },
]

const switchOf = (key: string): string => `PREFECT_SERVER_SERVICES_${key.toUpperCase()}_ENABLED`

export function serverCommands(group: Command): void {
  subcommand(group, 'start', 'Start the server and keep it running until Ctrl-C.', 'spillway server start --port 4300', 'spillway server start --background')
    .option('--host <host>', 'address to listen on (default: PREFECT_SERVER_API_HOST or 127.0.0.1)')
    .option('--port <port>', 'port to listen on (default: PREFECT_SERVER_API_PORT or 4200)')
    .option('--keep-alive-timeout <seconds>', 'how long idle connections stay (default: PREFECT_SERVER_API_KEEPALIVE_TIMEOUT)')
    .option('--log-level <level>', 'what is logged (default: PREFECT_SERVER_LOGGING_LEVEL)')
    .option('--scheduler', 'run the scheduler (default: PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED)')
    .option('--no-scheduler', 'do not')
    .option('--late-runs', 'mark late runs (default: PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED)')
    .option('--no-late-runs', 'do not')
    .option('--no-services', 'run no background service')
    .option('-b, --background', 'go on in the background; the output goes to server.log in SPILLWAY_HOME')
    .addOption(new Option('--analytics-off').hideHelp())
    .addOption(new Option('--no-ui').hideHelp())
    .addOption(new Option('--workers <n>').hideHelp())
    .action(withCli(start))
  subcommand(group, 'stop', 'Stop the server that runs in SPILLWAY_HOME.', 'spillway server stop').action(withCli(stop))
  subcommand(group, 'status', 'Look at the configured server: whether it answers, what it is, where its data are.', 'spillway server status --wait --timeout 30')
    .option('--wait', 'wait until it answers')
    .option('-t, --timeout <seconds>', 'with --wait: for so long at most; 0: for ever', wholeNumber(), 0)
    .action(withCli(status))
  const inner = subcommand(group, 'services', 'Look at the background services of the server.', 'spillway server services ls')
  subcommand(inner, 'ls', 'List the background services and whether they are switched on.', 'spillway server services ls --json').alias('list').action(withCli(listServices))
}

interface StartOptions {
  readonly host?: string
  readonly port?: string
  readonly keepAliveTimeout?: string
  readonly logLevel?: string
  readonly scheduler?: boolean
  readonly lateRuns?: boolean
  readonly services?: boolean
  readonly background?: boolean
  readonly workers?: string
}

async function start(cli: Cli, options: StartOptions): Promise<void> {
  if (options.workers !== undefined && options.workers !== '1') throw new CommandError('A server is one process.', { remedy: 'It uses its cores by threads; leave --workers out.', exitCode: EXIT.usage })
  const { layers, profile } = await cli.settings()
  // What Prefect's own profile says of a server is meant for Prefect's: its database, for one.
  const obeyed = layers.filter(({ source }) => !source.startsWith('profile') || profile.path === ownProfilesPath(cli.env))
  const env = { ...cli.env, ...Object.assign({}, ...obeyed.map(({ values }) => values).reverse()), ...chosenBy(options) } as NodeJS.ProcessEnv
  if (options.background) {
    const { startInBackground } = await import('../background-server.ts')
    const record = await startInBackground(cli, spillwayHome(env), env)
    return cli.show(record, () => cli.print(`Spillway is running at ${record.url} (process ${record.pid}).\nNext:  export PREFECT_API_URL=${record.apiUrl}\n'spillway server stop' stops it.`))
  }
  // The server shows its settings out of the environment of its process.
  Object.assign(process.env, env)
  const { runServer } = await import('../run-server.ts')
  await runServer(process.env)
}

/** The settings that options stand for. */
function chosenBy(options: StartOptions): Record<string, string> {
  const switches = options.services === false ? Object.fromEntries(services.map(({ key, off = 'false' }) => [switchOf(key), off])) : {}
  const values: Record<string, string | boolean | undefined> = {
    PREFECT_SERVER_API_HOST: options.host,
    PREFECT_SERVER_API_PORT: options.port,
    PREFECT_SERVER_API_KEEPALIVE_TIMEOUT: options.keepAliveTimeout,
    PREFECT_SERVER_LOGGING_LEVEL: options.logLevel,
    [switchOf('scheduler')]: options.scheduler,
    [switchOf('late_runs')]: options.lateRuns,
  }
  return { ...Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))), ...switches }
}

async function stop(cli: Cli): Promise<void> {
  const { stopServer } = await import('../background-server.ts')
  const record = await stopServer(cli, spillwayHome((await cli.settings()).environment))
  cli.show({ stopped: record.pid }, () => cli.print(`The server at ${record.url} has stopped.`))
}

async function status(cli: Cli, { wait, timeout }: { wait?: boolean; timeout: number }): Promise<void> {
  const { environment } = await cli.settings()
  const local = runningServer(spillwayHome(environment))
  const apiUrl = environment['PREFECT_API_URL'] ?? local?.apiUrl
  if (apiUrl === undefined) await cli.sdkSettings() // Says that no server is configured, and what to do.
  cli.useServer(apiUrl!)
  const client = await cli.client()
  const untilMs = timeout === 0 ? Infinity : performance.now() + timeout * 1000
  const progress = cli.progress(`Waiting for ${apiUrl}…`)
  try {
    for (;;) {
      const askedMs = performance.now()
      try {
        await client.request('GET /health', {}, { patienceMs: 0, timeoutMs: 5000 })
        const answeredMs = Math.round(performance.now() - askedMs)
        progress.end()
        return await tellStatus(cli, apiUrl!, answeredMs)
      } catch (error) {
        if (!wait || performance.now() >= untilMs) throw error
        await delay(250)
      }
    }
  } finally {
    progress.end()
  }
}

async function tellStatus(cli: Cli, apiUrl: string, answeredMs: number): Promise<void> {
  const client = await cli.client()
  const local = runningServer(spillwayHome((await cli.settings()).environment))
  const here = local?.apiUrl === apiUrl ? local : undefined
  const isReady = await client.request('GET /ready', {}, { patienceMs: 0 }).then(() => true, () => false)
  const found = {
    status: isReady ? 'available' : 'not ready',
    api_url: apiUrl,
    server_version: await client.version(),
    answered_in_ms: answeredMs,
    ...(here ? { pid: here.pid, started_at: here.startedAt, database: here.databasePath } : {}),
  }
  cli.show(found, () =>
    cli.fields({
      Status: isReady ? cli.paint('green', 'available') : cli.paint('red', 'answers, but its database does not'),
      'API URL': apiUrl,
      'Speaks as': `Prefect ${found.server_version}`,
      Answered: `in ${answeredMs} ms`,
      Process: here?.pid,
      Database: here?.databasePath,
    }),
  )
  if (!isReady) throw new CommandError('The server is not ready.', { remedy: 'Its log says why.' })
}

async function listServices(cli: Cli): Promise<void> {
  const client = await cli.client()
  const settings = await client.call<{ server: { services: Record<string, { enabled?: boolean | string[] | null } | undefined> } }>('GET', '/admin/settings')
  const rows = services.map(({ name, key, description }) => ({
    name,
    enabled: isOn(settings.server.services[key]?.enabled),
    environment_variable: switchOf(key),
    description,
  }))
  cli.show(rows, () =>
    cli.table(rows, [
      { title: 'Name', text: ({ name }) => name, isWhole: true },
      { title: 'Enabled', text: ({ enabled }) => (enabled ? 'yes' : 'no'), paint: (cell, { enabled }) => (enabled ? cli.paint('green', cell) : cell) },
      { title: 'Switched by', text: ({ environment_variable: variable }) => variable, isWhole: true },
      { title: 'Description', text: ({ description }) => description },
    ], 'There are none.'),
  )
}

/** Some settings hold a list of what a service is for. */
function isOn(enabled: boolean | string[] | null | undefined): boolean {
  return Array.isArray(enabled) ? enabled.length > 0 : enabled !== false && enabled !== null
}
