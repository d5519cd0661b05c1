// A process of `spillway dev`: serves the flows of some files, as they were when it started. After a change another one
// takes over, and this one lets its runs end.
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Session, serve, setDefaultSession, type DeploymentSpec } from '@spillway/sdk'
import { flowsOf, loadModule } from '../loaded-flows.ts'
import { reportError } from '../report-error.ts'
import type { FromServing } from './serving.ts'

const [name = '', ...files] = process.argv.slice(2)
const loaded = new Set<string>()
registerHooks({
  load(url, context, nextLoad) {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) loaded.add(fileURLToPath(url.split('?')[0]!))
    return nextLoad(url, context)
  },
})
const tell = (message: FromServing): void => void process.send?.(message)
const session = new Session({ logSink: ({ message }) => process.stderr.write(`${message}\n`) })
setDefaultSession(session)
// Without the session in the terminal nobody would end this process: it stops its runs then.
process.once('disconnect', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.kill(process.pid, signal)
})

try {
  const specs: DeploymentSpec[] = []
  try {
    for (const file of files) specs.push(...flowsOf(await loadModule(file)).map(([exported, flow]) => ({ flow, name, entrypoint: `${file}:${exported}` })))
  } finally {
    tell({ kind: 'files', files: [...loaded] })
  }
  if (specs.length === 0) process.stderr.write(`There is no flow in ${files.join(', ')}: export one, as in: export const hello = flow({ name: 'hello' }, () => {})\n`)
  tell({ kind: 'serving', deployments: specs.map(({ flow }) => `${flow.flowName}/${name}`) })
  await serve(specs, { pollEvery: '1s', grace: '3s', pauseOnShutdown: false })
  await session.close()
  process.exit(0)
} catch (error) {
  process.exit(reportError(error))
}
