import type { AnyTask } from '@spillway/sdk'
import type { Command } from 'commander'
import { notFound, type Cli } from '../cli.ts'
import { repeated, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { explainedHealth, healthOf, healthOptionText } from '../serving-health.ts'

export function taskCommands(group: Command): void {
  subcommand(group, 'serve', 'Run what others leave to tasks by delay(), here, until Ctrl-C.', 'spillway task serve tasks/mail.ts:sendMail tasks/mail.ts:sendText', 'spillway task serve --module tasks/mail.ts')
    .argument('[entrypoints...]', 'tasks, as file:task')
    .option('-m, --module <file>', 'every task that a module exports; may be repeated', repeated)
    .option('--limit <n>', 'runs at a time', wholeNumber(1), 10)
    .option('--with-healthcheck', healthOptionText)
    .action(withCli(serve))
}

interface TaskServeOptions {
  readonly module?: string[]
  readonly limit: number
  readonly withHealthcheck?: boolean
}

async function serve(cli: Cli, entrypoints: string[], { module: modules = [], limit, withHealthcheck = false }: TaskServeOptions): Promise<void> {
  if (entrypoints.length + modules.length === 0) throw new CommandError('No task is named.', { remedy: 'Name some as file:task, or a whole module by --module file.', exitCode: EXIT.usage })
  const { loadModule, splitEntrypoint, tasksOf } = await import('../loaded-flows.ts')
  const named = entrypoints.map((entrypoint) => splitEntrypoint(entrypoint, 'task'))
  const { openSession } = await import('../session.ts')
  const session = await openSession(cli)
  try {
    const tasks: AnyTask[] = []
    for (const { file, name } of named) {
      const exported = tasksOf(await loadModule(file))
      const found = exported.find(([one]) => one === name)
      if (!found) throw notFound('task', name, exported.map(([one]) => one), `${file} exports ${exported.length === 0 ? 'no tasks' : exported.map(([one]) => one).join(', ')}.`)
      tasks.push(found[1])
    }
    for (const file of modules) {
      const exported = tasksOf(await loadModule(file))
      if (exported.length === 0) throw new CommandError(`${file} exports no tasks.`, { exitCode: EXIT.notFound })
      tasks.push(...exported.map(([, task]) => task))
    }
    const { serveTasks } = await import('@spillway/sdk')
    cli.note(`Serving ${tasks.map(({ taskKey }) => taskKey).join(', ')}; Ctrl-C ends it.`)
    await serveTasks(tasks, { limit, ...healthOf({ withHealthcheck }, (await cli.settings()).environment) })
  } catch (error) {
    throw explainedHealth(error)
  } finally {
    await session.close()
  }
}
