import assert from 'node:assert/strict'
import { test } from 'node:test'
import stringWidth from 'string-width'
import { tableLines, truncate } from './table.ts'

const columns = [
  { title: 'ID', text: (row: { id: string; name: string }) => row.id, isWhole: true },
  { title: 'Name', text: (row: { id: string; name: string }) => row.name },
]

test('columns are as wide as what is in them', () => {
  assert.deepEqual(tableLines(columns, [{ id: '1', name: 'dam' }, { id: '22', name: 'river' }]), ['ID  Name', '1   dam', '22  river'])
})

test('where the terminal is narrow, what may be cut is cut, and ids stay whole', () => {
  const lines = tableLines(columns, [{ id: 'a'.repeat(20), name: 'long name of a flow' }], 32)
  assert.equal(lines[1], `${'a'.repeat(20)}  long name…`)
  for (const line of lines) assert.ok(stringWidth(line) <= 32)
})

test('texts are cut by what they take on the screen', () => {
  assert.equal(truncate('日本語の名前', 7), '日本語…')
  assert.equal(truncate('👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 5), '👩‍👩‍👧‍👦👩‍👩‍👧‍👦…')
  assert.equal(truncate('dam', 3), 'dam')
})

test('wide characters keep the columns straight', () => {
  const [, ...lines] = tableLines([columns[1]!, columns[0]!], [{ id: '1', name: '日本' }, { id: '2', name: 'dams' }])
  assert.deepEqual(lines, ['日本  1', 'dams  2'])
})

test('control characters of a name do not reach the terminal', () => {
  assert.deepEqual(tableLines(columns, [{ id: '1', name: 'a\u001B[2Jb\nc' }])[1], '1   a [2Jb c')
})
