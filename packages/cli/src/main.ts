#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'

// Compiled code is kept between starts. Everything else is imported after this, or it would not count.
enableCompileCache()
// Patterns out of users' JSON schemas must not hold a thread: V8 turns to its linear-time engine when one backtracks too much.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
const { Command } = await import('commander')
const { serverCommand } = await import('./server.ts')

const program = new Command('spillway')
  .description('Self-hosted workflow orchestration that speaks the Prefect 3 API.')
  .showHelpAfterError()
program.addCommand(serverCommand())
await program.parseAsync()
