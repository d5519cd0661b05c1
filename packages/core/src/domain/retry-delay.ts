/** `empirical_policy` of a task run, as on the wire. Absent members count as their defaults. */
export interface TaskRunPolicy {
  max_retries?: number
  retry_delay_seconds?: number
  retries?: number | null
  retry_delay?: number | number[] | null
  retry_jitter_factor?: number | null
}

/** The policy with all members, as the API prints it; the two old members stand in for the ones that replaced them. */
export function fullTaskRunPolicy(policy: TaskRunPolicy | null | undefined): Required<TaskRunPolicy> {
  return {
    max_retries: policy?.max_retries ?? 0,
    retry_delay_seconds: policy?.retry_delay_seconds ?? 0,
    retries: policy?.retries ?? (policy?.max_retries || null),
    retry_delay: policy?.retry_delay ?? (policy?.retry_delay_seconds || null),
    retry_jitter_factor: policy?.retry_jitter_factor ?? null,
  }
}

/**
 * Seconds until the next attempt of a task run. Of a list of delays the last one stands for all further attempts.
 *
 * @param runCount How often the run has started so far, 1 or more.
 * @param random Uniform in [0, 1); only asked when the policy has jitter.
 */
export function retryDelaySeconds(policy: TaskRunPolicy, runCount: number, random: () => number): number {
  const { retry_delay: delays, retry_jitter_factor: jitter } = fullTaskRunPolicy(policy)
  const delay = Array.isArray(delays) ? delays[Math.min(Math.max(runCount - 1, 0), delays.length - 1)] : delays
  if (!delay || delay < 0) return 0
  return jitter ? spreadSeconds(delay, jitter, random) : delay
}

/**
 * A random delay near `averageSeconds`: exponentially distributed, but cut off at `1 + factor` times the average above
 * and, so that halving is as likely as doubling would be, at the matching bound below.
 *
 * @param factor How far above the average it may be, as a share of it; more than 0.
 */
export function spreadSeconds(averageSeconds: number, factor: number, random: () => number): number {
  const high = 1 + factor
  const low = -Math.log2(1 - 2 ** -high)
  const from = 1 - Math.exp(-low)
  const to = 1 - Math.exp(-high)
  return averageSeconds * -Math.log(1 - (from + (to - from) * random()))
}
