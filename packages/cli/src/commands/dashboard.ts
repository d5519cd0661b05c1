import type { Command } from 'commander'
import { subcommand, withCli } from '../command.ts'

export function dashboardCommands(group: Command): void {
  subcommand(group, 'open', "Open the server's web page in the browser, and print its address.", 'spillway dashboard open').action(
    withCli(async (cli) => {
      const { openUrl, uiUrl } = await import('../open-url.ts')
      await openUrl(cli, await uiUrl(cli, '/'))
    }),
  )
}
