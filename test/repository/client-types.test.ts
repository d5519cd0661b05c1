import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { clientFiles } from '../client-types/files.ts'
import { listFiles, root } from './sources.ts'

const folder = 'packages/sdk/src/client/generated'

test('the types of the client are those of the routes as they are', () => {
  const files = clientFiles()
  for (const [file, text] of files) {
    const committed = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : ''
    // Not assert.equal: its difference of two such texts takes long to print.
    assert.ok(committed === text, `${file} is out of date: run node scripts/generate-client.mjs`)
  }
  assert.deepEqual(listFiles([folder], ['']), [...files.keys()].toSorted(), `nothing else belongs into ${folder}`)
})
