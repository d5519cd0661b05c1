// A flow that somebody starts by hand and interrupts; with the argument `breaks`, an error that nobody catches interrupts it.
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, flow, task } from '../../../packages/sdk/src/index.ts'

const step = task({ name: 'step' }, (index: number) => index)
const wait = task({ name: 'wait' }, () => delay(300_000, undefined, { signal: abortSignal() }))

const breaks = process.argv.includes('breaks')
const main = flow({ name: breaks ? 'broken-by-hand' : 'by-hand' }, async () => {
  for (let index = 0; index < 20; index++) await step(index)
  console.log('waiting')
  if (breaks) setImmediate(() => void Promise.reject(new Error('the pool is gone')))
  await wait()
})

await main()
