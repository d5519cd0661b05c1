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

const step = task({ name: 'step' }, async (index: number) => index)

/**
 * Leaves 3 task runs and 20 lines of log, and is killed at once: no more than the system keeps between two processes, also while the
 * runner has not been given a processor.
 */
export const dying = flow({ name: 'ts-dying' }, async () => {
  for (let index = 0; index < 3; index++) await step(index)
  for (let line = 0; line < 20; line++) getRunLogger().info(`line ${line}`)
  process.kill(process.pid, 'SIGKILL')
})

/** Works and logs until it is sent SIGUSR2, and then some more. */
export const busy = flow({ name: 'ts-busy' }, async () => {
  let told = false
  process.once('SIGUSR2', () => (told = true))
  getRunLogger().info(`process ${process.pid}`)
  let index = 0
  for (let left = 100; left > 0; left -= told ? 1 : 0) {
    await step(index++)
    getRunLogger().info(`line ${index}`)
    await delay(2)
  }
  getRunLogger().info(`steps ${index}`)
})

export const broken = flow({ name: 'ts-broken' }, () => 1)

const specs = [doubled, stores, failing, waiting, briefly, deaf, exiting, hungry, dying, busy].map((one) => deploymentOf(one as never, { name: 'test' }))
const missing = deploymentOf(broken as never, { name: 'test', entrypoint: 'test/sdk/flows/nowhere.ts:broken' })

if (process.argv[1] === import.meta.filename) await serve([...specs, missing], { isolate: (process.argv[2] ?? 'process') as 'process', pollEvery: '300ms', grace: '2s', drain: '20s', limit: 20 })
