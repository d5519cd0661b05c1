// Writes docs/reference/*.md, the reference of what the packages export, from the comments of their sources.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureDependencies, pinnedNode, root } from './set-up/dependencies.mjs'

ensureDependencies()
const program = ['--conditions=spillway-source', join(root, 'test/reference/pages.ts')]
const pages = JSON.parse(execFileSync(pinnedNode(), program, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
for (const [file, text] of Object.entries(pages)) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
