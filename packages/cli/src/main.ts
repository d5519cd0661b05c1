#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'

// Compiled code is kept between starts. Everything else is imported after this, or it would not count.
enableCompileCache()
// Patterns out of users' JSON schemas must not hold a thread: V8 turns to its linear-time engine when one backtracks too much.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
const { programFor, withLongOptions } = await import('./program.ts')
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
  process.exitCode = reportError(error)
}
