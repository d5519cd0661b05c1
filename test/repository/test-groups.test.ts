import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findTests } from '../../scripts/find-tests.mjs'
import { alone, paired, shared } from '../../scripts/test-groups.mjs'

/** It wants a Python 2.7, and has a command of its own. */
const elsewhere = 'test/autobahn/'

test('npm test runs every test file once', () => {
  const grouped = [...shared, ...paired, ...alone].flatMap(({ files }) => files)
  const found = [...findTests('packages'), ...findTests('test')].filter((file) => !file.startsWith(elsewhere))
  assert.deepEqual(grouped.toSorted(), found.toSorted())
})
