import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
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

test('whole numbers are kept wherever in the text they stand, among others and in any white space', () => {
  const number = fc.oneof(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String), fc.nat(99).map(String), fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)))
  const space = fc.stringMatching(/^[ \t\n\r]{0,20}$/)
  const text = fc.array(fc.tuple(space, fc.oneof(number, fc.stringMatching(/^[0-9\-: ]{0,40}$/).map((value) => JSON.stringify(value)))), { minLength: 1 })
  fc.assert(
    fc.property(text, (members) => {
      const json = `[${members.map(([white, member]) => white + member).join(',')}]`
      // Written again, each whole number is as it came; a double may be written otherwise and is compared as a value.
      const written = parseExactJson(json) as unknown[]
      for (const [at, [, member]] of members.entries()) {
        if (/^-?\d+$/.test(member)) assert.equal(String(written[at]), member === '-0' ? '0' : member)
        else assert.deepEqual(written[at], JSON.parse(member))
      }
    }),
  )
})
