#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Compiled code is kept between starts. Everything else is imported after this, or it would not count.
enableCompileCache()
const { Command } = await import('commander')
const { serverCommand } = await import('./server.ts')

const program = new Command('spillway')
  .description('Self-hosted workflow orchestration that speaks the Prefect 3 API.')
  .showHelpAfterError()
program.addCommand(serverCommand())
await program.parseAsync()
