// A program as a newcomer writes it: it runs a flow, and serves flows at its end, whether it is started or loaded for one of them.
import { deploymentOf, flow, serve, serveTasks, task } from '../../../packages/sdk/src/index.ts'

const plain = flow({ name: 'self-plain' }, () => 'plain')

export const byExport = flow({ name: 'self-exported' }, () => 'exported')

await plain()
await Promise.all([
  serveTasks(task({ name: 'self-task' }, () => 1)),
  serve([deploymentOf(plain, { name: 'test' }), deploymentOf(byExport, { name: 'test', entrypoint: 'test/sdk/flows/served-itself.ts:byExport' })], { pollEvery: '300ms' }),
])
