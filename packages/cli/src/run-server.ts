import { StartupError } from '@spillway/server/errors'
import { LineSink } from '@spillway/server/line-sink'
import { readLimits } from '@spillway/server/limits'
import { startServer } from '@spillway/server/main'
import { readSettings } from '@spillway/server/settings'
import { writeServerRecord } from './server-record.ts'

/** How long a drain may take before the process ends all the same. */
const exitAfterMs = 9_500
/** The server ended by itself because something it relies on was broken (EX_SOFTWARE). */
const brokenExitCode = 70

/** Runs the server in this process until a signal ends it. @param env its settings */
export async function runServer(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  let running: Awaited<ReturnType<typeof startServer>>
  let home: string
  try {
    const settings = readSettings(env)
    home = settings.home
    running = await startServer(settings, readLimits(env))
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`Spillway did not start: ${error.message}\n${error.remedy}\n`)
    process.exit(1)
  }
  const removeRecord = writeServerRecord(home, running)
  process.on('exit', removeRecord)
  const out = new LineSink(1, 65_536) // Whoever reads this output may go away or stop reading; the server stays.
  let stopping = false
  const stop = (exitCode: number): void => {
    if (stopping) process.exit(130) // The second signal does not wait.
    stopping = true
    out.write('\nStopping: answering what is under way…\n')
    setTimeout(() => process.exit(exitCode), exitAfterMs).unref()
    void running.close().then(
      () => process.exit(exitCode),
      () => process.exit(1),
    )
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  process.on('SIGHUP', () => {})
  process.on('uncaughtException', (error, origin) => {
    if (!running.survives(error, origin) && !stopping) stop(brokenExitCode)
  })
  out.write(
    [
      `Spillway is running at ${running.url}`,
      `Data:  ${running.databasePath}`,
      `Next:  export PREFECT_API_URL=${running.apiUrl}`,
      'Ctrl-C stops it.',
      '',
    ].join('\n'),
  )
}
