#!/usr/bin/env node
import nodeModule from 'node:module'
import { setFlagsFromString } from 'node:v8'

// `npx spillway` starts on whatever Node there is; an old one would stop at a name that it does not know.
if (Number.parseInt(process.versions.node) < 24) {
  process.stderr.write(`spillway needs Node 24 or later, and this is Node ${process.versions.node}.\nGet one from https://nodejs.org/en/download, or with a version manager: nvm install 24\n`)
  process.exit(1)
}
// Compiled code is kept between starts. Everything else is imported after this, or it would not count.
nodeModule.enableCompileCache()
// Patterns out of users' JSON schemas must not hold a thread: V8 turns to its linear-time engine when one backtracks too much.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
const { programFor, wantsJson, withLongOptions } = await import('./program.ts')
const { reportError } = await import('./report-error.ts')

const args = withLongOptions(process.argv.slice(2))
// Whoever reads the output may have seen enough: `spillway flow-run ls | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
try {
  await (await programFor(args)).parseAsync(args, { from: 'user' })
} catch (error) {
  process.exitCode = reportError(error, process.env, wantsJson(args))
}
