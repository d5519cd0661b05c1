import { currentFrame } from '../engine/context.ts'
import { SpillwayError } from '../errors.ts'
import { defaultSession, type Remote } from '../session.ts'

/** The server of the run that this code is part of, or of the process. @throws {SpillwayError} `no-server` */
export function remoteOf(what: string): Remote {
  const { remote } = currentFrame()?.session ?? defaultSession()
  if (!remote) throw new SpillwayError('no-server', `${what} needs a server: set PREFECT_API_URL`)
  return remote
}
