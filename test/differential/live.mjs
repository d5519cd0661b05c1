// Sends the scripted calls to the real Prefect server and to Spillway at once, and compares the answers.
//
//   node test/differential/live.mjs                        all lists, Prefect 3.8.8
//   node test/differential/live.mjs --prefect 3.9.1 flows
//   node test/differential/live.mjs --against real         the real server against itself: are the lists repeatable?
import { continueOnPinnedNode } from '../../scripts/set-up/pinned-node.mjs'

continueOnPinnedNode()
const { compareLive } = await import('./live.ts')
process.exitCode = await compareLive(process.argv.slice(2))
