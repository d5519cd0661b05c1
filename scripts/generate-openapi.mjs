// Writes docs/openapi.json, the description of all routes, from the route table.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, pinnedNode, root } from './set-up/dependencies.mjs'

ensureDependencies()
const program = ['--conditions=spillway-source', join(root, 'test/openapi/our-document.ts')]
const text = execFileSync(pinnedNode(), program, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
writeFileSync(join(root, 'docs', 'openapi.json'), text)
