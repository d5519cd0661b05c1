// Records what the stock command line prints against the real Prefect server.
//
//   node test/compat/record-cli.mjs 3.8.8
import { continueOnPinnedNode } from '../../scripts/set-up/pinned-node.mjs'

continueOnPinnedNode()
const { recordCli } = await import('./cli-output.ts')
for (const version of process.argv.length > 2 ? process.argv.slice(2) : ['3.8.8']) await recordCli(version)
