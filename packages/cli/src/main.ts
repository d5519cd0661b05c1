#!/usr/bin/env node
import { Command } from 'commander'
import { serverCommand } from './server.ts'

const program = new Command('spillway')
  .description('Self-hosted workflow orchestration that speaks the Prefect 3 API.')
  .showHelpAfterError()
program.addCommand(serverCommand())
await program.parseAsync()
