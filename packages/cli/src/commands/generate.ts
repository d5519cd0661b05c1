import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { repeated, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'

interface Options {
  readonly out: string
  readonly deployment?: readonly string[]
  readonly check?: boolean
}

export function generateCommand(command: Command): void {
  command
    .option('--out <file>', 'the file to write', 'deployments.generated.ts')
    .option('--deployment <name>', 'only this one, as flow/deployment; may be given several times (default: all)', repeated)
    .option('--check', 'write nothing; fail when the file is not what would be written')
    .action(
      withCli(async (cli, { out, deployment: names = [], check }: Options) => {
        const [{ describedDeployments }, { byName, deploymentsFile }, { libraryFor }] = await Promise.all([
          import('../generate/described-deployments.ts'),
          import('../generate/deployments-file.ts'),
          import('../generate/library.ts'),
        ])
        const file = path.resolve(out)
        const deployments = (await describedDeployments(await cli.client(), names)).toSorted(byName)
        const text = deploymentsFile(deployments, libraryFor(file))
        const isCurrent = existsSync(file) && (await readFile(file, 'utf8')) === text
        if (check && !isCurrent) {
          throw new CommandError(`${out} ${existsSync(file) ? 'is not what the deployments are now' : 'is not there'}.`, { remedy: `Write it anew: ${commandLine(out, names)}` })
        }
        if (!isCurrent) {
          await mkdir(path.dirname(file), { recursive: true })
          await writeFile(file, text)
        }
        cli.show({ file, deployments: deployments.map(({ name }) => name), changed: !isCurrent }, () => {
          const count = `${deployments.length} ${deployments.length === 1 ? 'deployment' : 'deployments'}`
          cli.print(`${out} ${isCurrent ? 'is up to date' : 'is written'}: ${count}.`)
        })
      }),
    )
}

function commandLine(out: string, names: readonly string[]): string {
  return ['spillway generate', `--out ${out}`, ...names.map((name) => `--deployment ${/^[\w./-]+$/.test(name) ? name : `'${name}'`}`)].join(' ')
}
