import { httpError } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'

async function createFlowRunInput(
  tx: Tx,
  args: { flowRunId: string; key: string; value: string; sender: string | null },
): Promise<Answer> {
  const { flowRunId, key, value, sender } = args
  if (!(await tx.get('select 1 from flow_run where id = ?', [flowRunId]))) throw httpError(404, 'Flow run not found')
  const added = await tx.run(
    `insert into flow_run_input (id, created, updated, flow_run_id, key, value, sender) values (?, ?, ?, ?, ?, ?, ?)
     on conflict (flow_run_id, key) do nothing`,
    [tx.newId(), tx.nowUs, tx.nowUs, flowRunId, key, value, sender],
  )
  if (added === 0) throw httpError(409, 'A flow run input with this key already exists.')
  return created('null')
}

async function deleteFlowRunInput(tx: Tx, args: { flowRunId: string; key: string }): Promise<Answer> {
  const deleted = await tx.run('delete from flow_run_input where flow_run_id = ? and key = ?', [args.flowRunId, args.key])
  if (deleted === 0) throw httpError(404, 'Flow run input not found')
  return noContent()
}

export const flowRunInputCommands = { createFlowRunInput, deleteFlowRunInput }
