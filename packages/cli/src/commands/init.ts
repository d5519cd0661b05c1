import path from 'node:path'
import type { Command } from 'commander'
import { withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import type { Scaffolded } from '../init/scaffold.ts'

export function initCommand(command: Command): void {
  command.argument('[folder]', 'where the project goes; it is made when it is not there', '.').action(
    withCli(async (cli, folder: string) => {
      const { scaffold } = await import('../init/scaffold.ts')
      const made = orWhyNot(path.resolve(folder), scaffold)
      cli.show(made, () => {
        cli.print(`Made ${made.files.length} files in ${made.folder}: ${made.files.join(', ')}`)
        cli.print()
        cli.print(cli.paint('bold', 'Next:'))
        const steps: [command: string, what: string][] = [
          ['npm install', ''],
          ['npm run server', 'in a terminal of its own: http://127.0.0.1:4200'],
          ['npm run hello', 'runs flows/hello.ts once'],
          ['npx spillway flow-run ls', 'shows the run'],
          ['npm run serve', 'then starts a run whenever somebody asks for one, as with: npx spillway deployment run hello/dev'],
        ]
        const away = path.relative(process.cwd(), made.folder)
        if (away !== '') steps.unshift([`cd ${away.startsWith('..') ? made.folder : away}`, ''])
        for (const [step, what] of steps) cli.print(`  ${step.padEnd(24)}  ${what && `# ${what}`}`.trimEnd())
      })
    }),
  )
}

/** The system's refusals as errors for people. */
function orWhyNot(folder: string, make: (folder: string) => Scaffolded): Scaffolded {
  try {
    return make(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof CommandError || code === undefined) throw error
    throw new CommandError(`Nothing can be written to ${folder}: ${(error as Error).message}`, { remedy: 'Name a folder that you may write to: spillway init my-flows', exitCode: EXIT.failed, cause: error })
  }
}
