import assert from 'node:assert/strict'
import test from 'node:test'
import { parseExactJson } from './exact-json.ts'

test('whole numbers that a double cannot hold come out of JSON as they went in', () => {
  const text = '{"id":9007199254740993,"ns":[-1732104000123456789,18446744073709551616],"small":-5,"float":1.5e300}'
  assert.equal(JSON.stringify(parseExactJson(text)), text.replace('1.5e300', '1.5e+300'))
  const copied: unknown = structuredClone(parseExactJson(text))
  assert.deepEqual(copied, { id: 9007199254740993n, ns: [-1732104000123456789n, 18446744073709551616n], small: -5, float: 1.5e300 })
})

test('other JSON is parsed as ever', () => {
  const text = '{"name":"[1234567890123456789, x","n":9007199254740991,"__proto__":[true,null]}'
  assert.equal(JSON.stringify(parseExactJson(text)), text)
  assert.equal(parseExactJson(' -9007199254740993'), -9007199254740993n)
  assert.throws(() => parseExactJson('[12345678901234567890'), SyntaxError)
})
