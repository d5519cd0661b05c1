// A human in the loop: the flow waits until somebody answers the form that the server shows for it, at most a day.
//
//     node examples/approval.ts
//     # then resume the run in the UI, or by POST /api/flow_runs/{id}/resume {"run_input": {"approve": true, "reason": "looks right"}}
import { flow, getRunLogger, pauseFlowRun, task } from '@spillway/sdk'
import { z } from 'zod'

const Decision = z.object({
  approve: z.boolean().describe('Whether the payment goes out'),
  reason: z.string().default('no reason given'),
})

const pay = task({ name: 'pay' }, (amount: number) => ({ paid: amount }))

export const payout = flow({ name: 'payout', params: z.object({ amount: z.number().positive() }) }, async ({ amount }) => {
  const decision = await pauseFlowRun({ input: Decision, timeout: '1d', description: `Pay out ${amount}?` })
  getRunLogger().info(decision.approve ? 'approved' : 'refused', { reason: decision.reason })
  return decision.approve ? await pay(amount) : { paid: 0 }
})

if (process.argv[1] === import.meta.filename) console.log(await payout({ amount: 100 }))
