// Flows that behave badly, served by a program of its own. Arguments: isolation, and the time to drain.
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, deploymentOf, flow, getRunLogger, serve, task } from '../../../packages/sdk/src/index.ts'

const step = task({ name: 'step' }, (index: number) => index)

export const quick = flow({ name: 'f-quick' }, async () => {
  getRunLogger().info('executed')
  await step(1)
})

export const sleeper = flow({ name: 'f-sleeper' }, async () => {
  await step(1)
  getRunLogger().info('asleep')
  await delay(300_000, undefined, { signal: abortSignal() })
})

/** Starts a process that ignores SIGTERM and holds its output open, and ignores whatever it is told itself. */
export const stubborn = flow({ name: 'f-stubborn' }, async () => {
  const grandchild = spawn('sh', ['-c', "trap '' TERM INT; while :; do sleep 1; done"], { stdio: 'inherit' })
  getRunLogger().info(`processes ${process.pid} ${grandchild.pid}`)
  process.on('SIGTERM', () => {})
  await new Promise(() => setInterval(() => {}, 1000))
})

/** Prints so many mebibytes in lines, and one line of 20 MiB. */
export const flood = flow({ name: 'f-flood' }, async ({ mebibytes }: { mebibytes: number }) => {
  const line = `${'x'.repeat(1023)}\n`
  const write = (text: string): Promise<void> => new Promise((resolve) => process.stdout.write(text, () => resolve()))
  for (let done = 0; done < mebibytes; done++) await write(line.repeat(1024))
  await write(`${'y'.repeat(20 * 1024 * 1024)}\n`)
})

/** Works, computes without a pause for so long, and works on. */
export const blocked = flow({ name: 'f-blocked' }, async ({ seconds }: { seconds: number }) => {
  for (let index = 0; index < 5; index++) await step(index)
  getRunLogger().info('before')
  const untilMs = performance.now() + seconds * 1000
  while (performance.now() < untilMs);
  for (let index = 0; index < 5; index++) await step(index)
})

const specs = [quick, sleeper, stubborn, flood, blocked].map((one) => deploymentOf(one as never, { name: 'test' }))

if (process.argv[1] === import.meta.filename) {
  await serve(specs, { isolate: (process.argv[2] ?? 'process') as 'process', drain: process.argv[3] ?? '20s', pollEvery: '300ms', grace: '2s', limit: 20, pauseOnShutdown: false })
}
