import { spawn } from 'node:child_process'
import type { Cli } from './cli.ts'

/** Opens a page in the browser (`BROWSER`, else the system's), and prints its address for machines that have none. */
export async function openUrl(cli: Cli, url: string): Promise<void> {
  cli.print(url)
  const command = cli.env['BROWSER'] || (process.platform === 'darwin' ? 'open' : 'xdg-open')
  const child = spawn(command, [url], { stdio: 'ignore', detached: true })
  const error = await new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve)
    child.once('spawn', () => resolve(undefined))
  })
  child.unref()
  if (error) cli.note(`No browser could be opened here (${command}); open the address above yourself, or name one in BROWSER.`)
}

/** The address of a page of the UI: `PREFECT_UI_URL`, else where the API is. */
export async function uiUrl(cli: Cli, page = ''): Promise<string> {
  const { environment } = await cli.settings()
  const base = environment['PREFECT_UI_URL'] || (await cli.sdkSettings()).apiUrl.replace(/\/api$/, '')
  return `${base.replace(/\/+$/, '')}${page}`
}
