// `npm start`: installs what is missing, builds what has changed, then runs the server until Ctrl-C.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { ensureDependencies, pinnedNode, root } from './set-up/dependencies.mjs'

ensureDependencies()
ensureBuilt()
// In a session of its own the server does not hear the terminal's Ctrl-C, which comes here twice: from the terminal and from npm.
const child = spawn(
  pinnedNode(),
  [join(root, 'packages/cli/dist/main.js'), 'server', 'start', ...process.argv.slice(2)],
  { stdio: 'inherit', detached: true },
)
const sameWithinMs = 200
let lastMs = -Infinity
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (performance.now() - lastMs < sameWithinMs) return
    lastMs = performance.now()
    child.kill(signal)
  })
}
child.on('exit', (code) => process.exit(code ?? 1))
