import { abortSignal, flow, getRunContext, getRunLogger, NonRetryableError, RetryAfterError, sleep, task } from '@spillway/sdk'
import { threadId } from 'node:worker_threads'

const isolate = 'thread'

export const burn = task({ name: 'burn', isolate }, (ms: number) => {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
  return { threadId, at: new Date(0), seen: new Map([['rows', 3n]]) }
})

export const stubborn = task({ name: 'stubborn', isolate, timeout: '1s' }, () => {
  for (;;);
})

export const polite = task({ name: 'polite', isolate }, async () => {
  getRunLogger().info('waiting')
  await sleep('1h').finally(() => getRunLogger().info('told to stop'))
})

/** Computes for so long, and says when, in milliseconds since the epoch. */
export const timed = task({ name: 'timed', isolate }, (ms: number) => {
  const from = Date.now()
  while (Date.now() < from + ms);
  return { from, to: Date.now() }
})

/** Says in which attempt it is by its error, since nothing of one thread is left in the next. */
export const failing = task({ name: 'failing', isolate, retries: 2 }, (how: 'plain' | 'final' | 'later') => {
  const { attempt } = getRunContext()
  if (how === 'final') throw new NonRetryableError(`attempt ${attempt}`)
  if (how === 'later' && attempt === 1) throw new RetryAfterError(60_000)
  throw Object.assign(new RangeError(`attempt ${attempt}`, { cause: new Error('the disk is full') }), { code: 'EFULL' })
})

const inner = task({ name: 'inner' }, (text: string) => text.length)

export const talking = task({ name: 'talking', isolate, logPrints: true }, async () => {
  const { flowRun, taskRun, tags } = getRunContext()
  getRunLogger().info('from within', { threadId: threadId > 0 })
  console.log('printed')
  return { flowName: flowRun?.flowName, taskName: taskRun?.taskName, tags, inner: await inner('four') }
})

export const taking = task({ name: 'taking', isolate }, (what: unknown) => typeof what)
export const giving = task({ name: 'giving', isolate }, () => () => 1)
export const leaving = task({ name: 'leaving', isolate }, () => process.exit(3))
export const aborted = task({ name: 'aborted', isolate, timeout: '1s' }, async () => {
  await new Promise((resolve) => abortSignal().addEventListener('abort', resolve))
  throw abortSignal().reason
})

export const around = flow({ name: 'around', tags: ['nightly'] }, async () => await talking())
