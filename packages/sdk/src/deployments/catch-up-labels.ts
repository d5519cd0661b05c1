import { catchUpFault, catchUpLabel, maxLateLabel } from '@spillway/core/domain/catch-up'
import { durationMs } from '../duration.ts'
import type { DeploymentOptions } from './deployment.ts'

/**
 * What a deployment says of runs that are late, as labels: our server follows them, others ignore them.
 *
 * @throws {TypeError} when it says something that no server can follow
 */
export function catchUpLabels({ catchUp, maxLate }: Pick<DeploymentOptions, 'catchUp' | 'maxLate'>): Record<string, string | number> {
  const labels = {
    ...(catchUp === undefined ? {} : { [catchUpLabel]: catchUp }),
    ...(maxLate === undefined ? {} : { [maxLateLabel]: durationMs(maxLate) / 1000 }),
  }
  const fault = catchUpFault(labels)
  if (fault !== null) throw new TypeError(fault)
  return labels
}
