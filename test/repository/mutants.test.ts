import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { mutants } from '../mutants/mutants.ts'
import { root } from './sources.ts'

test('what each mutant replaces stands in its file once', () => {
  const missing = mutants.filter(({ file, find }) => readFileSync(path.join(root, file), 'utf8').split(find).length !== 2)
  assert.deepEqual(missing.map(({ defence }) => defence), [])
})
