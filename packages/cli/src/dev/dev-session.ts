import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartupError } from '@spillway/server/errors'
import { readLimits } from '@spillway/server/limits'
import { startServer, type RunningServer } from '@spillway/server/main'
import { readSettings } from '@spillway/server/settings'
import type { Cli } from '../cli.ts'
import { CommandError } from '../exit-codes.ts'
import { runningServer, writeServerRecord } from '../server-record.ts'
import { FileWatch } from './watch-files.ts'
import { Serving } from './serving.ts'

export interface DevOptions {
  readonly files: readonly string[]
  /** Settings of the server and of the flows. */
  readonly env: NodeJS.ProcessEnv
  /** Name of the deployments. */
  readonly name: string
}

/**
 * A server with its data in the project's folder, and the flows of some files served on it, anew after each change, until a
 * signal ends both.
 */
export async function runDevSession(cli: Cli, { files, env, name }: DevOptions): Promise<void> {
  const home = path.resolve(env['SPILLWAY_HOME'] || '.spillway')
  const { server, removeRecord } = await startDevServer(home, { ...env, SPILLWAY_HOME: home })
  const { promise: ending, resolve: end } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end())
  process.on('uncaughtException', (error, origin) => {
    if (server.survives(error, origin)) return
    process.exitCode = 70
    end()
  })
  cli.note(`Spillway is running at ${server.url}; its data are in ${home}.\nFor other terminals:  export PREFECT_API_URL=${server.apiUrl}`)
  const all = new Set<Serving>()
  let current: Serving | undefined
  let isEnding = false
  const replace = async (why: string): Promise<void> => {
    cli.note(why)
    const next = new Serving({ deployment: name, files, env: { ...env, PREFECT_API_URL: server.apiUrl }, onFiles: (found) => watch.add(found) })
    all.add(next)
    for (const one of all) if (one.hasEnded) all.delete(one)
    const deployments = await next.started
    if (deployments === undefined) {
      if (!isEnding) cli.note(current ? 'The flows stay as they were; correct the file, and they are loaded again.' : 'Correct the file, and it is loaded again.')
      return
    }
    current?.retire()
    current = next
    cli.note(`Serving ${deployments.join(', ') || 'no flows'}; a changed file counts for new runs. Ctrl-C ends all.`)
  }
  let work = Promise.resolve()
  const watch = new FileWatch((file) => {
    work = work.then(() => (isEnding ? undefined : replace(`${path.relative('', file)} has changed.`)))
  })
  watch.add(files.map((file) => path.resolve(file)))
  work = replace(`Loading ${files.join(', ')}…`)
  await ending
  isEnding = true
  cli.note('Ending: flows, then the server…')
  watch.close()
  await Promise.all([...all].map((serving) => serving.stop()))
  await server.close()
  removeRecord()
}

async function startDevServer(home: string, env: NodeJS.ProcessEnv): Promise<{ server: RunningServer; removeRecord: () => void }> {
  const running = runningServer(home)
  if (running) {
    throw new CommandError(`This project has a server already: ${running.url}, process ${running.pid}.`, {
      remedy: `Use it (export PREFECT_API_URL=${running.apiUrl}), serve more flows on it (spillway flow serve), or end the other session.`,
    })
  }
  if (!existsSync(home)) {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(home, '.gitignore'), '*\n')
  }
  try {
    const server = await startServer(readSettings(env), readLimits(env))
    return { server, removeRecord: writeServerRecord(home, server) }
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    throw new CommandError(`The server did not start: ${error.message}`, { remedy: error.remedy, cause: error })
  }
}
