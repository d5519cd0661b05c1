import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { committedForm } from '../openapi/our-document.ts'
import { root } from './sources.ts'

test('docs/openapi.json describes the routes as they are', () => {
  const committed = readFileSync(path.join(root, 'docs/openapi.json'), 'utf8')
  // Not assert.equal: its difference of two such texts takes a minute to print.
  assert.ok(committed === committedForm(), 'it is out of date: run node scripts/generate-openapi.mjs')
})
