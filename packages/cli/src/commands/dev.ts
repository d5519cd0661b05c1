import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'

export function devCommand(command: Command): void {
  command
    .argument('<files...>', 'modules that export flows')
    .option('--port <port>', 'port of the server (default: PREFECT_SERVER_API_PORT or 4200)')
    .option('-n, --name <name>', 'name of the deployments', 'dev')
    .action(withCli(dev))
}

async function dev(cli: Cli, files: string[], { port, name }: { port?: string; name: string }): Promise<void> {
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) throw new CommandError(`There is no file ${missing}.`, { exitCode: EXIT.notFound })
  const { layers } = await cli.settings()
  // The session has a server of its own: a profile speaks of others.
  const values = Object.assign({}, ...layers.filter(({ source }) => !source.startsWith('profile')).map((layer) => layer.values).reverse()) as NodeJS.ProcessEnv
  const { runDevSession } = await import('../dev/dev-session.ts')
  await runDevSession(cli, { files, name, env: { ...cli.env, ...values, ...(port === undefined ? {} : { PREFECT_SERVER_API_PORT: port }) } })
}
