// Records what the real Prefect server answers to the scripted calls.
//
//   node test/differential/record.mjs                     all lists, Prefect 3.8.8
//   node test/differential/record.mjs --prefect 3.9.1 flows logs
import { continueOnPinnedNode } from '../../scripts/set-up/pinned-node.mjs'

continueOnPinnedNode()
const { recordLists } = await import('./record.ts')
await recordLists(process.argv.slice(2))
