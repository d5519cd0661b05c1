// Development scripts may be called with an old Node; they go on under the one that the repository pins.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const pinnedNode = path.join(repoDir, `node_modules/node-${process.platform}-${process.arch}/bin/node`)

/** When this Node is older than 24: runs the current script under the pinned one, and exits with its exit code. */
export function continueOnPinnedNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return
  if (!existsSync(pinnedNode)) {
    console.error('this script needs Node 24 or later; run npm ci, which fetches it')
    process.exit(1)
  }
  const child = spawnSync(pinnedNode, process.argv.slice(1), { stdio: 'inherit' })
  process.exit(child.status ?? 1)
}
