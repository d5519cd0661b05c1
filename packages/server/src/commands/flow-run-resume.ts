import { firstValueFault } from '@spillway/core/domain/hydrate'
import { CircularSchemaError, parameterFault } from '@spillway/core/domain/parameter-schema'
import type { ProposedState } from '@spillway/core/domain/state'
import { formatIso } from '@spillway/core/wire/time'
import { objectNotFound } from '../errors.ts'
import { hydrateValues } from '../queries/hydration.ts'
import { ok } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { transitionAnswer } from './flow-runs.ts'
import { transitionFlowRun, type Proposer } from './flow-run-transition.ts'
import { parseState } from './stored-state.ts'

/**
 * Resumes a paused run: a suspended one is scheduled anew, the others run on where they are. Where the pause waits for input,
 * the input has to fit the schema that came with the pause; it is stored for the run to read.
 */
async function resumeFlowRun(
  tx: Tx,
  args: Proposer & { id: string; runInput: Record<string, unknown> | null },
): Promise<Answer> {
  const run = await tx.get<{ state: string | null }>('select state from flow_run where id = ?', [args.id])
  if (!run) throw objectNotFound(`Flow run with id ${args.id} not found`)
  const state = parseState(run.state)
  if (state?.type !== 'PAUSED') return refusal('ABORT', null, 'Cannot resume a flow run that is not paused.')

  const keyset = state.details.run_input_keyset
  let input: Record<string, unknown> = {}
  if (keyset) {
    const checked = await checkInput(tx, args.id, keyset['schema'] ?? '', args.runInput ?? {})
    if ('fault' in checked) return refusal('REJECT', run.state, checked.fault)
    input = checked.input
  }
  const proposed: ProposedState = state.details.pause_reschedule
    ? { type: 'SCHEDULED', name: 'Resuming', details: { scheduled_time: formatIso(tx.nowUs) } }
    : { type: 'RUNNING' }
  const { clientVersion, apiVersion } = args
  const result = await transitionFlowRun(tx, { id: args.id, proposed, policy: 'core', clientVersion, apiVersion })
  if (keyset && Object.keys(input).length > 0 && result.status === 'ACCEPT') {
    await tx.run(
      'insert into flow_run_input (id, created, updated, flow_run_id, key, value, sender) values (?, ?, ?, ?, ?, ?, null)',
      [tx.newId(), tx.nowUs, tx.nowUs, args.id, keyset['response'] ?? '', JSON.stringify(input)],
    )
  }
  return transitionAnswer(result)
}

/** The input with its references resolved, or why it does not fit the schema that the pause came with. */
async function checkInput(
  tx: Tx,
  flowRunId: string,
  schemaKey: string,
  runInput: Record<string, unknown>,
): Promise<{ input: Record<string, unknown> } | { fault: string }> {
  const input = await hydrateValues(tx, runInput, {})
  const unresolved = firstValueFault(input)
  if (unresolved) return { fault: `Error hydrating run input: ${unresolved.message}` }
  const row = await tx.get<{ value: string }>('select value from flow_run_input where flow_run_id = ? and key = ?', [
    flowRunId,
    schemaKey,
  ])
  if (!row) return { fault: 'Run input schema not found.' }
  let schema: unknown
  try {
    schema = JSON.parse(row.value)
  } catch {
    return { fault: 'Run input schema is not valid JSON.' }
  }
  try {
    const fault = parameterFault(input, schema)
    return fault === undefined ? { input: input as Record<string, unknown> } : { fault: `Reason: ${fault}` }
  } catch (error) {
    if (error instanceof CircularSchemaError) return { fault: `Invalid schema: ${error.message}` }
    throw error
  }
}

/** What resuming itself refuses is told as an abort, whatever the status. */
function refusal(status: 'ABORT' | 'REJECT', stateJson: string | null, reason: string): Answer {
  return ok(`{"state":${stateJson},"status":"${status}","details":${JSON.stringify({ type: 'abort_details', reason })}}`)
}

export const flowRunResumeCommands = { resumeFlowRun }
