import assert from 'node:assert/strict'
import test from 'node:test'
import { BulkInsert } from './bulk-insert.ts'

test('a bulk insert of any length holds each row once, in order, and makes few texts', () => {
  const insert = new BulkInsert('crop', ['id', 'name'], 'on conflict do nothing')
  const texts = new Set<string>()
  for (let length = 0; length <= 150; length++) {
    const rows = Array.from({ length }, (_, index) => [index, `row ${index}`])
    const statements = [...insert.statements(rows)]
    assert.deepEqual(statements.flatMap(({ params }) => params), rows.flat())
    assert.deepEqual(statements.flatMap(({ from, to }) => rows.slice(from, to)), rows)
    for (const { text, params } of statements) {
      assert.equal(text.split('?').length - 1, params.length)
      texts.add(text)
    }
  }
  assert.equal(texts.size, 9)
  assert.ok(texts.has('insert into crop (id, name) values (?, ?), (?, ?) on conflict do nothing'))
})
