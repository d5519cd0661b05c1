// `npm start`: installs what is missing, builds what has changed, then runs the server until Ctrl-C.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { ensureDependencies, pinnedNode, root } from './set-up/dependencies.mjs'

ensureDependencies()
ensureBuilt()
const child = spawn(
  pinnedNode(),
  [join(root, 'packages/cli/dist/main.js'), 'server', 'start', ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
// The terminal sends Ctrl-C to both; this process waits for the server's own end and passes its code on.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
