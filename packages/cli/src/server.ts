import { Command } from 'commander'
import { StartupError } from '@spillway/server/errors'
import { readLimits } from '@spillway/server/limits'
import { startServer } from '@spillway/server/main'
import { readSettings } from '@spillway/server/settings'

/** How long a drain may take before the process ends all the same. */
const exitAfterMs = 10_000

/** `spillway server …` */
export function serverCommand(): Command {
  const server = new Command('server').description('Run the orchestration server.')
  server
    .command('start')
    .description('Start the server and keep it running until Ctrl-C.')
    .option('--host <host>', 'address to listen on (default: PREFECT_SERVER_API_HOST or 127.0.0.1)')
    .option('--port <port>', 'port to listen on (default: PREFECT_SERVER_API_PORT or 4200)')
    .addHelpText('after', '\nExample:\n  $ spillway server start --port 4300')
    .action(async (options: { host?: string; port?: string }) => {
      await start({
        ...process.env,
        ...(options.host === undefined ? {} : { PREFECT_SERVER_API_HOST: options.host }),
        ...(options.port === undefined ? {} : { PREFECT_SERVER_API_PORT: options.port }),
      })
    })
  return server
}

async function start(env: NodeJS.ProcessEnv): Promise<void> {
  let running: Awaited<ReturnType<typeof startServer>>
  try {
    running = await startServer(readSettings(env), readLimits(env))
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`Spillway did not start: ${error.message}\n${error.remedy}\n`)
    process.exit(1)
  }
  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(130) // The second signal does not wait.
    stopping = true
    process.stdout.write('\nStopping: answering what is under way…\n')
    setTimeout(() => process.exit(0), exitAfterMs).unref()
    void running.close().then(() => process.exit(0))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', () => {})
  // Whoever reads this output may go away; the server stays.
  process.stdout.on('error', () => {})
  process.stdout.write(
    [
      `Spillway is running at ${running.url}`,
      `Data:  ${running.databasePath}`,
      `Next:  export PREFECT_API_URL=${running.apiUrl}`,
      'Ctrl-C stops it.',
      '',
    ].join('\n'),
  )
}
