import type { Command } from 'commander'
import { subcommand, withCli } from '../command.ts'

export function serverCommands(group: Command): void {
  subcommand(group, 'start', 'Start the server and keep it running until Ctrl-C.', 'spillway server start --port 4300')
    .option('--host <host>', 'address to listen on (default: PREFECT_SERVER_API_HOST or 127.0.0.1)')
    .option('--port <port>', 'port to listen on (default: PREFECT_SERVER_API_PORT or 4200)')
    .action(withCli(async (cli, options: { host?: string; port?: string }) => {
      const { runServer } = await import('../run-server.ts')
      await runServer({
        ...cli.env,
        ...(options.host === undefined ? {} : { PREFECT_SERVER_API_HOST: options.host }),
        ...(options.port === undefined ? {} : { PREFECT_SERVER_API_PORT: options.port }),
      })
    }))
}
