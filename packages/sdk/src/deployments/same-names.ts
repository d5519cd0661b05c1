import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { definingFiles } from '../engine/registry.ts'
import { SpillwayError } from '../errors.ts'
import type { Session } from '../session.ts'
import type { DeploymentSpec } from './deployment.ts'

/** Entry points of what each session has deployed, by full name. */
const deployed = new WeakMap<Session, Map<string, string>>()

/**
 * Looks for names that two flows share. A server knows deployments and flows by their names alone, so the second deployment of a
 * name takes the place of the first, and flows of one name in different modules are one flow there, with one history.
 *
 * @throws {SpillwayError} `deployment-twice` where one deployment would replace the other. Of flows the log tells.
 */
export function checkNames(session: Session, specs: readonly DeploymentSpec[]): void {
  const known = deployed.get(session) ?? new Map<string, string>()
  const given = new Set<string>()
  for (const { flow, name, entrypoint } of specs) {
    const fullName = `${flow.flowName}/${name}`
    const other = known.get(fullName)
    if (given.has(fullName) || (other !== undefined && other !== entrypoint)) {
      throw new SpillwayError('deployment-twice', `there are two deployments '${fullName}', of ${other} and of ${entrypoint}, and the second would replace the first: give the flow or the deployment another name`)
    }
    given.add(fullName)
    known.set(fullName, entrypoint)
  }
  deployed.set(session, known)
  for (const name of new Set(specs.map(({ flow }) => flow.flowName))) {
    const files = definingFiles(name).map((file) => path.relative(process.cwd(), fileURLToPath(file)))
    if (files.length > 1) session.warn(`flows named '${name}' are defined in ${files.join(' and in ')}: a server takes them for one flow, with one list of runs; give all but one another name`)
  }
}
