// Runs scripts of the compatibility suite with the stock Prefect client against a server.
//
//   node test/compat/run.mjs --url http://127.0.0.1:4200/api --prefect 3.8.8 plain_flow subflows
//   node test/compat/run.mjs plain_flow              against a Spillway that is started for it
//   node test/compat/run.mjs --real                  all ordinary scripts against the real Prefect server
import { continueOnPinnedNode } from '../../scripts/set-up/pinned-node.mjs'

continueOnPinnedNode()
const { runChosen } = await import('./run.ts')
process.exitCode = await runChosen(process.argv.slice(2))
