import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { referenceExports, referencePages } from '../reference/pages.ts'
import { root } from './sources.ts'

test('docs/reference/ says what the comments of the code say', () => {
  for (const [file, text] of referencePages()) {
    const committed = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : ''
    // Not assert.equal: its difference of two such texts takes long to print.
    assert.ok(committed === text, `${file} is out of date: run node scripts/generate-reference.mjs`)
  }
})

test('every function, class, value and type that the packages export has a comment', () => {
  const bare = [...referenceExports().values()].flat().filter(({ doc }) => doc === '')
  assert.deepEqual([...new Set(bare.map(({ name, file }) => `${name} in ${file}`))], [])
})
