/**
 * A map of tasks that do nothing, with a window: the heap that is in use after a garbage collection, in the middle and at the
 * end. Prints one JSON line. Usage: map.ts <items> <window>; the server is in PREFECT_API_URL; needs --expose-gc.
 */
import { flow, getRunContext, task } from '../../packages/sdk/src/index.ts'
import { defaultSession } from '../../packages/sdk/src/session.ts'
import { untilStored } from './until-stored.ts'

const [items, window] = [Number(process.argv[2]), Number(process.argv[3])]
let done = 0
const heapMiB: number[] = []
const noOp = task({ name: 'no-op' }, (index: number) => {
  done++
  if (done === items / 2 || done === items) {
    globalThis.gc!()
    heapMiB.push(process.memoryUsage().heapUsed / 2 ** 20)
  }
  return index
})
const main = flow({ name: 'mapped' }, async () => {
  await noOp.map(Array.from({ length: items }, (_, index) => index), { window }).results()
  return getRunContext().flowRun!.id
})
const startMs = performance.now()
await untilStored(await main({}), items)
const [first = 0, last = 0] = heapMiB
console.log(JSON.stringify({ perTaskMs: (performance.now() - startMs) / items, heapAtHalfMiB: first, heapAtEndMiB: last, peakRssMiB: process.resourceUsage().maxRSS / 1024 }))
await defaultSession().close()
