import { Option, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'

export function versionCommand(command: Command): void {
  command.addOption(new Option('--omit-integrations').hideHelp()).action(withCli(version))
}

async function version(cli: Cli): Promise<void> {
  const [{ VERSION }, { profile, environment }] = await Promise.all([import('@spillway/sdk'), cli.settings()])
  const info = {
    version: VERSION,
    node_version: process.versions.node,
    sqlite_version: process.versions['sqlite'] ?? null,
    os_arch: `${process.platform}/${process.arch}`,
    profile: profile.name,
    api_url: environment['PREFECT_API_URL'] ?? null,
    server: await serverOf(cli),
  }
  cli.show(info, () =>
    cli.fields({
      Version: info.version,
      'Node version': info.node_version,
      'SQLite version': info.sqlite_version,
      'OS/Arch': info.os_arch,
      Profile: info.profile,
      'API URL': info.api_url ?? 'not set',
      Server: info.server === null ? (info.api_url === null ? 'none' : 'does not answer') : `Prefect ${info.server.version}, API ${info.server.api_version}`,
    }),
  )
}

/** What the configured server says of itself; null when there is none that answers. */
async function serverOf(cli: Cli): Promise<{ version: string; api_version: string } | null> {
  try {
    const client = await cli.client()
    const [serverVersion, apiVersion] = [await client.version(), await client.request('GET /version')]
    return { version: serverVersion, api_version: apiVersion }
  } catch (error) {
    if (error instanceof CommandError || (error as { code?: string }).code === 'api-unreachable' || (error as { code?: string }).code === 'api-error') return null
    throw error
  }
}
