// A program that serves flows whose runs became late while it was away, run as a process by the tests.
import { deploymentOf, flow, serve } from '../../../packages/sdk/src/index.ts'

const schedules = [{ every: '1d', anchor: new Date(process.env['ANCHOR']!) }]

export const latest = flow({ name: 'ts-catch-up-latest' }, () => 'done')
export const all = flow({ name: 'ts-catch-up-all' }, () => 'done')
export const timely = flow({ name: 'ts-catch-up-timely' }, () => 'done')

await serve(
  [
    deploymentOf(latest, { name: 'test', schedules, catchUp: 'latest' }),
    deploymentOf(all, { name: 'test', schedules }),
    deploymentOf(timely, { name: 'test', schedules, maxLate: '1.5d' }),
  ],
  { pollEvery: '200ms', isolate: 'none' },
)
