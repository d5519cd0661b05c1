import type { Session } from '../session.ts'
import { OfflineOrchestrator, type Orchestrator } from './orchestrator.ts'
import { RemoteOrchestrator } from './remote-orchestrator.ts'

const known = new WeakMap<Session, Orchestrator>()

/** Who decides on the states of runs in this session. */
export function orchestratorOf(session: Session): Orchestrator {
  const orchestrator = known.get(session) ?? make(session)
  known.set(session, orchestrator)
  return orchestrator
}

/** @throws {TypeError} when the session has no server. */
export function remoteOrchestratorOf(session: Session): RemoteOrchestrator {
  const orchestrator = orchestratorOf(session)
  if (orchestrator instanceof RemoteOrchestrator) return orchestrator
  throw new TypeError('this needs a server: set PREFECT_API_URL')
}

function make(session: Session): Orchestrator {
  const { remote, clock, random, settings } = session
  const offline = new OfflineOrchestrator(clock, random)
  if (!remote) {
    session.warn('PREFECT_API_URL is not set: runs are not recorded')
    return offline
  }
  return new RemoteOrchestrator({ client: remote.client, clock, patienceMs: settings.patienceMs, warn: (message) => session.warn(message), fallback: offline })
}
