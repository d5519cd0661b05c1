import assert from 'node:assert/strict'
import test from 'node:test'
import { boolean, dateTime, duration, float, integer, text, uuid } from '../schema.ts'
import type { TSchema } from '../schema.ts'
import { compile } from '../validate.ts'

/** Value or error type for each input, as pydantic answers. */
function judge(schema: TSchema, inputs: readonly unknown[]): unknown[] {
  const validate = compile(schema)
  return inputs.map((input) => {
    const result = validate(input)
    return result.ok ? result.value : result.errors[0]!.type
  })
}

test('integers take text, whole floats and booleans', () => {
  const table: [unknown, unknown][] = [
    [1, 1],
    [-0, 0],
    [1.5, 'int_from_float'],
    ['1', 1],
    ['1.0', 1],
    ['1.50', 'int_parsing'],
    ['01', 1],
    [' 1 ', 1],
    ['+1', 1],
    ['1_000', 1000],
    ['1__0', 'int_parsing'],
    ['', 'int_parsing'],
    ['1e3', 'int_parsing'],
    ['1.', 'int_parsing'],
    ['.0', 'int_parsing'],
    [true, 1],
    [null, 'int_type'],
    [[], 'int_type'],
    [Infinity, 'finite_number'],
    [2 ** 63, 'int_parsing_size'],
  ]
  assert.deepEqual(judge(integer(), table.map(([input]) => input)), table.map(([, answer]) => answer))
})

test('numbers take text and booleans', () => {
  const inputs = [
    1,
    '1',
    ' 1.5 ',
    '1e3',
    '1_0.5',
    '.5',
    '5.',
    '+1',
    'x',
    '',
    '0x1',
    '1__0',
    'e5',
    true,
    null,
    'inf',
    '-Infinity',
  ]
  const answers = [
    1,
    1,
    1.5,
    1000,
    10.5,
    0.5,
    5,
    1,
    ...Array(5).fill('float_parsing'),
    1,
    'float_type',
    Infinity,
    -Infinity,
  ]
  assert.deepEqual(judge(float(), inputs), answers)
})

test('booleans take the usual words', () => {
  const inputs = [true, 0, 1, 2, 1.5, 'TRUE', 'y', 'on', 'No', 'f', '0', '', ' true', '2', null, []]
  const parsing = 'bool_parsing'
  const answers = [true, false, true, parsing, 'bool_type', true, true, true, false, false, false]
  assert.deepEqual(judge(boolean(), inputs), [...answers, parsing, parsing, parsing, 'bool_type', 'bool_type'])
})

test('strict scalars convert nothing', () => {
  assert.deepEqual(judge(integer({ strict: true }), [1, '1', true, 1.5]), [1, 'int_type', 'int_type', 'int_type'])
  assert.deepEqual(judge(float({ strict: true }), [1.5, '1']), [1.5, 'float_type'])
  assert.deepEqual(judge(boolean({ strict: true }), [true, 1]), [true, 'bool_type'])
})

test('bounds speak in the order in which pydantic asks', () => {
  const result = compile(integer({ minimum: 1, maximum: 3 }))(7)
  assert.deepEqual(!result.ok && result.errors[0], {
    type: 'less_than_equal',
    loc: [],
    msg: 'Input should be less than or equal to 3',
    input: 7,
    ctx: { le: 3 },
  })
  assert.deepEqual(judge(float({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), [0, 1, 0.5]), [
    'greater_than',
    'less_than',
    0.5,
  ])
})

test('text is measured in characters, not in UTF-16 units', () => {
  assert.deepEqual(judge(text({ maxLength: 2 }), ['🌊🌊', '🌊🌊🌊', 1]), ['🌊🌊', 'string_too_long', 'string_type'])
  assert.deepEqual(judge(text({ minLength: 2 }), ['🌊', 'ab']), ['string_too_short', 'ab'])
})

test('ids are told precisely what is wrong with them', () => {
  const faults: [string, string][] = [
    ['', 'invalid length: found 0'],
    ['0'.repeat(31), 'invalid length: found 31'],
    ['12345678-1234-1234-1234-123456789abg', 'invalid character: found `g` at 35'],
    ['12345678-1234', 'invalid group count: expected 5, found 2'],
    ['1234567-12345-1234-1234-123456789abc', 'invalid group length in group 0: expected 8, found 7'],
    ['{00000000000000000000000000000000}', 'invalid group count: expected 5, found 1'],
    ['URN:UUID:12345678-1234-1234-1234-123456789abc', 'invalid character: found `U` at 0'],
    ['00000000000000000000000000000000 ', 'invalid character: found ` ` at 32'],
  ]
  for (const [input, fault] of faults) {
    const result = compile(uuid())(input)
    assert.equal(!result.ok && result.errors[0]?.msg, `Input should be a valid UUID, ${fault}`)
  }
  assert.deepEqual(judge(uuid(), [1, null]), ['uuid_type', 'uuid_type'])
})

test('what is no time is refused with the text that cannot be read', () => {
  const texts = ['abc', '2024-13-01', '2024-02-30', '2024/01/01', '2024-1-1T10:00:00Z', '2024-01-01T25:00:00', '0000-01-01T00:00:00Z']
  for (const input of texts) {
    const result = compile(dateTime())(input)
    assert.equal(!result.ok && result.errors[0]?.msg, `Value error, Unable to parse string [${input}]`)
  }
  for (const input of [true, null, {}, 1e30, -1e30]) {
    const result = compile(dateTime())(input)
    assert.equal(!result.ok && result.errors[0]?.msg, 'value is not a valid datetime', String(input))
  }
})

test('canonical times pass unchanged, and near ones become canonical', () => {
  const inputs = [
    '2024-01-01T10:00:00.123456Z',
    '2024-01-01T10:00:00Z',
    '2024-01-01T10:00:00.000000Z',
    '2024-01-01T10:00:00.123456+00:00',
    '2024-01-31T10:00:00,5z',
    '2024-02-29 10:00',
    '1700000000000',
    '1700000000.25',
  ]
  assert.deepEqual(judge(dateTime(), inputs), [
    '2024-01-01T10:00:00.123456Z',
    '2024-01-01T10:00:00Z',
    '2024-01-01T10:00:00Z',
    '2024-01-01T10:00:00.123456Z',
    '2024-01-31T10:00:00.500000Z',
    '2024-02-29T10:00:00Z',
    '2023-11-14T22:13:20Z',
    '2023-11-14T22:13:20.250000Z',
  ])
})

test('durations take seconds, ISO-8601 and clock text', () => {
  const inputs = [1.5, true, 'PT1H30M', '-PT1H', 'P1W', '01:00:00.5', '1 days, 01:00:00', 'PT1.5S', 0.000_000_1]
  assert.deepEqual(judge(duration(), inputs), [1.5, 1, 5400, -3600, 604_800, 3600.5, 90_000, 1.5, 0])
  const wrong = ['', 'P1', 'PT1H1D', 'abc', '1', '10:61:00', 1e30]
  assert.deepEqual(judge(duration(), wrong), wrong.map(() => 'time_delta_parsing'))
  assert.deepEqual(judge(duration(), [null, []]), ['time_delta_type', 'time_delta_type'])
  assert.deepEqual(judge(duration({ forwardOnly: true }), [0, -1]), [0, 'greater_than_equal'])
})
