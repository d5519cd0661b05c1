// A fan-out over a shared resource: many tasks at once, of which the server lets only as many use the warehouse at a time as
// its concurrency limit says, however many processes and machines run this.
//
//     spillway global-concurrency-limit create warehouse --limit 4
//     node examples/fan-out.ts
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, flow, task } from '@spillway/sdk'

let open = 0
let most = 0

const query = task({ name: 'query', concurrency: 'warehouse' }, async (tenant: number) => {
  most = Math.max(most, ++open)
  try {
    await delay(5, undefined, { signal: abortSignal() })
    return tenant * 2
  } finally {
    open--
  }
})

export const fanOut = flow({ name: 'fan-out' }, async (input: { tenants: number }) => {
  const answers = await query.map(Array.from({ length: input.tenants }, (_, tenant) => tenant), { window: 20 }).results()
  return { answers: answers.length, atATime: most }
})

if (process.argv[1] === import.meta.filename) console.log(await fanOut({ tenants: 20 }))
