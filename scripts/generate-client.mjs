// Writes packages/sdk/src/client/generated/, the types of all routes that the SDK's client takes and answers, from the route table.
//
// They are made of the table's own schemas, and not of docs/openapi.json by a library such as openapi-typescript, because the document
// (which is Prefect's, to the letter) does not tell a field that may be left out of a request from one that may be missing in an answer,
// and those libraries want the compiler's JavaScript interface, which TypeScript 7 has no more.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureDependencies, pinnedNode, root } from './set-up/dependencies.mjs'

ensureDependencies()
const program = ['--conditions=spillway-source', join(root, 'test/client-types/files.ts')]
const files = JSON.parse(execFileSync(pinnedNode(), program, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
for (const [file, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
