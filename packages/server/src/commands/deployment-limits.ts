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
  if (current) {
    await tx.run('update concurrency_limit set "limit" = ?, updated = ? where id = ?', [limit, tx.nowUs, current.id])
    return
  }
  const id = tx.newId()
  await tx.run('insert into concurrency_limit (id, created, updated, name, "limit") values (?, ?, ?, ?, ?)', [
    id, tx.nowUs, tx.nowUs, `deployment:${deployment.id}`, limit,
  ])
  await tx.run('update deployment set concurrency_limit_id = ? where id = ?', [id, deployment.id])
}

/** Deletes the limit that a deployment hangs on. No event tells of it, as in Prefect. */
export async function removeDeploymentLimit(tx: Tx, deployment: DeploymentRow): Promise<void> {
  if (deployment.concurrency_limit_id === null) return
  await tx.run('delete from concurrency_limit where id = ?', [deployment.concurrency_limit_id])
}
