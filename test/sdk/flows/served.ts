// A program that serves flows, run as a process by the tests.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { abortSignal, deploymentOf, flow, getRunLogger, serve, task } from '../../../packages/sdk/src/index.ts'

const double = task({ name: 'double' }, (x: number) => x * 2)

export const doubled = flow({ name: 'ts-doubled', params: z.object({ x: z.number(), label: z.string().default('none') }), result: { persist: true } }, async ({ x, label }) => {
  getRunLogger().info(`doubling ${x}`)
  return { value: await double(x), label }
})

export const stores = flow({ name: 'ts-stores', params: z.object({ name: z.string() }), result: { persist: true, storage: 'local-file-system/shared' } }, ({ name }) => ({ stored: name }))

export const failing = flow({ name: 'ts-failing' }, () => {
  throw new Error('as expected')
})

export const waiting = flow({ name: 'ts-waiting' }, async () => {
  getRunLogger().info(`process ${process.pid}`)
  await task({ name: 'wait' }, () => delay(120_000, undefined, { signal: abortSignal() }))()
})

/** Ends when it is sent SIGUSR2. */
export const briefly = flow({ name: 'ts-briefly' }, async () => {
  const told = once(process, 'SIGUSR2')
  getRunLogger().info(`process ${process.pid}`)
  const alive = setInterval(() => {}, 1000)
  await told
  clearInterval(alive)
})

export const deaf = flow({ name: 'ts-deaf' }, () => {
  const untilMs = performance.now() + 120_000
  while (performance.now() < untilMs);
})

export const exiting = flow({ name: 'ts-exiting' }, () => process.exit(3))

export const hungry = flow({ name: 'ts-hungry' }, () => {
  const kept: unknown[] = []
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index })))
})

export const broken = flow({ name: 'ts-broken' }, () => 1)

const specs = [doubled, stores, failing, waiting, briefly, deaf, exiting, hungry].map((one) => deploymentOf(one as never, { name: 'test' }))
const missing = deploymentOf(broken as never, { name: 'test', entrypoint: 'test/sdk/flows/nowhere.ts:broken' })

if (process.argv[1] === import.meta.filename) await serve([...specs, missing], { pollEvery: '300ms', grace: '2s', drain: '20s' })
