import type { SdkSettings, Session } from '@spillway/sdk'
import type { Cli } from './cli.ts'

/**
 * Makes the configured server the one of the SDK in this process and in those that it starts: settings of a profile or a
 * file reach them through the environment.
 */
export async function openSession(cli: Cli): Promise<Session> {
  const settings = await adoptSettings(cli)
  const { Session, setDefaultSession } = await import('@spillway/sdk')
  const session = new Session({ settings, logSink: ({ name, message }) => cli.note(`${name}: ${message}`) })
  setDefaultSession(session)
  return session
}

/** Puts what profile and files say into the environment of this process. @throws {CommandError} when no server is configured */
export async function adoptSettings(cli: Cli): Promise<SdkSettings> {
  const settings = await cli.sdkSettings()
  Object.assign(process.env, (await cli.settings()).environment)
  return settings
}
