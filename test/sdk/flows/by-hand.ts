// A flow that somebody starts by hand and interrupts.
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, flow, task } from '../../../packages/sdk/src/index.ts'

const step = task({ name: 'step' }, (index: number) => index)
const wait = task({ name: 'wait' }, () => delay(300_000, undefined, { signal: abortSignal() }))

const main = flow({ name: 'by-hand' }, async () => {
  for (let index = 0; index < 20; index++) await step(index)
  console.log('waiting')
  await wait()
})

await main()
