/**
 * A flow of tasks that do nothing, one after another, timed until the server has stored them all, less the time of a flow without
 * tasks. Prints one JSON line. Usage: no-op.ts [tasks]; the server is in PREFECT_API_URL.
 */
import { flow, getRunContext, task } from '../../packages/sdk/src/index.ts'
import { defaultSession } from '../../packages/sdk/src/session.ts'
import { untilStored } from './until-stored.ts'

const tasks = Number(process.argv[2] ?? 1000)
const noOp = task({ name: 'no-op' }, (index: number) => index)
const main = flow({ name: 'no-ops' }, async ({ count }: { count: number }) => {
  for (let index = 0; index < count; index++) await noOp(index)
  return getRunContext().flowRun!.id
})

/** Milliseconds of a flow with so many tasks, until they are stored. */
async function timed(count: number): Promise<number> {
  const startMs = performance.now()
  await untilStored(await main({ count }), count)
  return performance.now() - startMs
}

// Connections, compiled code and the flow itself are there when it counts, as they are in the middle of a flow.
await timed(500)
const empty = [await timed(0), await timed(0), await timed(0)].toSorted((a, b) => a - b)[1]!
const cpuBefore = process.cpuUsage()
const all = await timed(tasks)
const cpu = process.cpuUsage(cpuBefore)
console.log(JSON.stringify({ perTaskMs: (all - empty) / tasks, clientCpuPerTaskMs: (cpu.user + cpu.system) / 1000 / tasks, emptyMs: empty }))
await defaultSession().close()
