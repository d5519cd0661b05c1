import type { Tx } from '../storage/port.ts'
import { httpError } from '../errors.ts'
import type { ConcurrencyLimitRow } from '../storage/rows/concurrency-limits.ts'
import type { DeploymentRow } from '../storage/rows/deployments.ts'

/** @throws 404 when there is no such limit. */
export async function requireLimit(tx: Tx, id: string): Promise<void> {
  if (!(await tx.get('select 1 from concurrency_limit where id = ?', [id]))) {
    throw httpError(404, 'Concurrency limit not found')
  }
}

/**
 * Gives a deployment a limit of its own, changes the one it has, or takes it away.
 *
 * @param limit How many of its runs may be under way; null for any number.
 */
export async function setDeploymentLimit(tx: Tx, deployment: DeploymentRow, limit: number | null): Promise<void> {
  const current = deployment.concurrency_limit_id === null
    ? undefined
    : await tx.get<ConcurrencyLimitRow>('select * from concurrency_limit where id = ?', [deployment.concurrency_limit_id])
  if ((current?.limit ?? null) === limit) return
  if (limit === null) return removeDeploymentLimit(tx, deployment)
  if (current?.name === ownLimitName(deployment)) {
    await tx.run('update concurrency_limit set "limit" = ?, updated = ? where id = ?', [limit, tx.nowUs, current.id])
    return
  }
  const own = await tx.get<{ id: string }>(
    `insert into concurrency_limit (id, created, updated, name, "limit") values (?, ?, ?, ?, ?)
     on conflict (name) do update set "limit" = excluded."limit", updated = excluded.updated returning id`,
    [tx.newId(), tx.nowUs, tx.nowUs, ownLimitName(deployment), limit],
  )
  await tx.run('update deployment set concurrency_limit_id = ? where id = ?', [own!.id, deployment.id])
}

/**
 * Takes a deployment off its limit. One of its own goes with it, and no event tells of that, as in Prefect; a limit that
 * was made for others too stays for them.
 */
export async function removeDeploymentLimit(tx: Tx, deployment: DeploymentRow): Promise<void> {
  if (deployment.concurrency_limit_id === null) return
  await tx.run('delete from concurrency_limit where id = ? and name = ?', [
    deployment.concurrency_limit_id,
    ownLimitName(deployment),
  ])
  await tx.run('update deployment set concurrency_limit_id = null where id = ?', [deployment.id])
}

function ownLimitName(deployment: DeploymentRow): string {
  return `deployment:${deployment.id}`
}
