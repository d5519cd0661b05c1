import assert from 'node:assert/strict'
import test from 'node:test'
import { compileBody, compileParameters } from './request.ts'
import { invalidJson, invalidRequest } from './request-errors.ts'
import { absentIsNull, bodyParameters, boolean, integer, list, optional, strictModel, text, uuid } from './schema.ts'

const Thing = strictModel('TestThing', { name: text() })
const FilterBody = bodyParameters('Body_test_filter', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
  thing: optional(Thing),
})
const NeedyBody = bodyParameters('Body_test_needy', { names: list(text()), slots: integer() })

test('a body that is one object must be there', () => {
  const validate = compileBody(Thing)
  const missing = [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]
  assert.deepEqual(validate(undefined), { ok: false, errors: missing })
  assert.deepEqual(validate(null), { ok: false, errors: missing })
  assert.deepEqual(validate({ name: 'a' }), { ok: true, value: { name: 'a' } })
})

test('a body of parameters may be absent when each may, and null means the default', () => {
  const validate = compileBody(FilterBody)
  const defaults = { limit: null, offset: 0, thing: null }
  for (const body of [undefined, null, {}, { offset: null, limit: null }, { unheard_of: 1 }]) {
    assert.deepEqual(validate(body), { ok: true, value: defaults })
  }
})

test('parameters that are required are missed, with no input to show', () => {
  const missing = (name: string) => ({ type: 'missing', loc: ['body', name], msg: 'Field required', input: null })
  const both = { ok: false, errors: [missing('names'), missing('slots')] }
  for (const body of [undefined, {}, { names: null }, []]) assert.deepEqual(compileBody(NeedyBody)(body), both)
})

test('a body of parameters that is no object lacks all of them', () => {
  const result = compileBody(FilterBody)([])
  assert.deepEqual(!result.ok && result.errors.map(({ loc }) => loc[1]), ['limit', 'offset', 'thing'])
})

test('inside a parameter unknown keys are refused', () => {
  const result = compileBody(FilterBody)({ thing: { name: 'a', other: 1 } })
  assert.deepEqual(!result.ok && result.errors[0]?.loc, ['body', 'thing', 'other'])
})

test('a body with a default may be absent', () => {
  assert.deepEqual(compileBody(text({ default: 'x' }))(undefined), { ok: true, value: 'x' })
})

test('query parameters arrive as text', () => {
  const validate = compileParameters('query', { id: uuid(), secrets: boolean({ default: false }) })
  const id = '0190aaaa-0000-7000-8000-000000000001'
  assert.deepEqual(validate({ id, secrets: 'true', other: '1' }), { ok: true, value: { id, secrets: true } })
  assert.deepEqual(validate({}), {
    ok: false,
    errors: [{ type: 'missing', loc: ['query', 'id'], msg: 'Field required', input: null }],
  })
})

test('the answer to a bad request holds the errors and the body', () => {
  const errors = [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]
  assert.deepEqual(invalidRequest(errors, undefined), {
    exception_message: 'Invalid request received.',
    exception_detail: errors,
    request_body: null,
  })
})

test('a body that is no JSON is answered with the place where it stops being JSON', () => {
  const faults: [string, number, string][] = [
    ['{"a":', 5, 'Expecting value'],
    ['{"a":1,}', 7, 'Expecting property name enclosed in double quotes'],
    ['{"a" 1}', 5, "Expecting ':' delimiter"],
    ['[1 2]', 3, "Expecting ',' delimiter"],
    ['{"a":1} x', 8, 'Extra data'],
    ['"abc', 0, 'Unterminated string starting at'],
    ['["a\nb"]', 3, 'Invalid control character at'],
    ['"\\x"', 1, 'Invalid \\escape'],
    ['"\\u12"', 2, 'Invalid \\uXXXX escape'],
    ['{"🌊": nope}', 6, 'Expecting value'],
    ['['.repeat(100_000), 201, 'Expecting value'],
  ]
  for (const [bodyText, at, msg] of faults) {
    const answer = invalidJson(bodyText)
    assert.deepEqual(answer.exception_detail, [
      { type: 'json_invalid', loc: ['body', at], msg: 'JSON decode error', input: {}, ctx: { error: msg } },
    ])
    assert.equal(answer.request_body, bodyText)
  }
})
