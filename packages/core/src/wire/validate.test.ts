import assert from 'node:assert/strict'
import test from 'node:test'
import Type from 'typebox'
import {
  any,
  anyOf,
  boolean,
  dateTime,
  dict,
  duration,
  emptyList,
  enumOf,
  float,
  integer,
  jsonObject,
  later,
  list,
  literal,
  mayBeAbsent,
  model,
  nullable,
  optional,
  setOf,
  strictModel,
  text,
  tuple,
  uuid,
} from './schema.ts'
import { compile } from './validate.ts'
import type { Validation } from './validate.ts'

function valueOf<T>(validation: Validation<T>): T {
  assert.ok(validation.ok, JSON.stringify(validation))
  return validation.value
}

function faults(validation: Validation<unknown>): string[] {
  assert.ok(!validation.ok, JSON.stringify(validation))
  return validation.errors.map(({ type, loc }) => `${loc.join('.')} ${type}`)
}

const Inner = strictModel('TestInner', { kind: text(), size: integer({ default: 2 }) })
const Outer = strictModel('TestOuter', {
  name: text(),
  note: optional(text()),
  count: integer({ default: 1 }),
  tags: list(text(), { makeDefault: emptyList }),
  wait: duration({ default: 'PT1M' }),
  made_up: mayBeAbsent(uuid()),
  inner: nullable(Inner, { default: null }),
})

test('absent fields get their defaults, fresh each time, and null stays null', () => {
  const validate = compile(Outer)
  const expected: unknown = { name: 'a', note: null, count: 1, tags: [], wait: 60, inner: null }
  const first = valueOf(validate({ name: 'a', note: null }))
  assert.deepEqual(first, expected)
  first.tags.push('x')
  assert.deepEqual(valueOf(validate({ name: 'a' })).tags, [])
})

test('without defaults the value has only what was sent, at the top or everywhere', () => {
  const sent = { inner: { kind: 'a' }, note: null, name: 'b' }
  assert.deepEqual(valueOf(compile(Outer, { applyDefaults: false })(sent)), sent)
  assert.deepEqual(valueOf(compile(Outer, { applyDefaults: 'nested' })(sent)), {
    inner: { kind: 'a', size: 2 },
    note: null,
    name: 'b',
  })
})

test('an error says where, what and why, and shows the input', () => {
  const result = compile(Outer)({ count: 'x', inner: { size: 1.5 } }, ['body'])
  assert.deepEqual(result, {
    ok: false,
    errors: [
      { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: { count: 'x', inner: { size: 1.5 } } },
      {
        type: 'int_parsing',
        loc: ['body', 'count'],
        msg: 'Input should be a valid integer, unable to parse string as an integer',
        input: 'x',
      },
      { type: 'missing', loc: ['body', 'inner', 'kind'], msg: 'Field required', input: { size: 1.5 } },
      {
        type: 'int_from_float',
        loc: ['body', 'inner', 'size'],
        msg: 'Input should be a valid integer, got a number with a fractional part',
        input: 1.5,
      },
    ],
  })
})

test('unknown keys are refused, or dropped and reported', () => {
  const sent = { name: 'a', extra: 1, inner: { kind: 'b', more: 2 } }
  assert.deepEqual(faults(compile(Outer)(sent)), ['inner.more extra_forbidden', 'extra extra_forbidden'])

  const reported: string[] = []
  const tolerant = compile(Outer, {
    unknownFields: 'tolerate',
    onUnknown: (loc) => reported.push(loc.join('.')),
    applyDefaults: false,
  })
  assert.deepEqual(valueOf(tolerant(sent, ['body'])), { name: 'a', inner: { kind: 'b' } })
  assert.deepEqual(reported, ['body.inner.more', 'body.extra'])
})

test('whether unknown keys are refused can change while the server runs', () => {
  let mode: 'tolerate' | 'forbid' = 'tolerate'
  const validate = compile(Outer, { unknownFields: () => mode })
  assert.ok(validate({ name: 'a', extra: 1 }).ok)
  mode = 'forbid'
  assert.deepEqual(faults(validate({ name: 'a', extra: 1 })), ['extra extra_forbidden'])
})

const Circle = strictModel('TestCircle', { radius: float(), colour: optional(text()) })
const Square = strictModel('TestSquare', { side: float(), colour: optional(text()) })

test('a union takes the member that fits, and tells of each when none does', () => {
  const validate = compile(anyOf([Circle, Square]))
  assert.deepEqual(valueOf(validate({ side: 2 })), { side: 2, colour: null })
  assert.deepEqual(faults(validate({ colour: 'red' })), ['TestCircle.radius missing', 'TestSquare.side missing'])
  assert.deepEqual(faults(validate({ side: 1, radius: 2 })), [
    'TestCircle.side extra_forbidden',
    'TestSquare.radius extra_forbidden',
  ])
})

test('tolerance does not blur the members of a union', () => {
  const Plain = strictModel('TestPlain', { colour: optional(text()) })
  const validate = compile(anyOf([Plain, Square]), { unknownFields: 'tolerate' })
  assert.deepEqual(valueOf(validate({ side: 2 })), { side: 2, colour: null })
  assert.deepEqual(valueOf(validate({ side: 2, unheard_of: true })), { side: 2, colour: null })
})

test('a union of plain types prefers an exact fit to a conversion', () => {
  const validate = compile(anyOf([integer(), float(), boolean(), text()]))
  for (const value of [1, 1.5, true, '1', 'x']) assert.equal(valueOf(validate(value)), value)
})

test('labels of union members name what they take', () => {
  const members = [
    text({ maxLength: 1 }),
    uuid(),
    list(integer()),
    dict(anyOf([text(), integer()])),
    literal(['a', 'b']),
  ]
  const result = compile(anyOf(members))(1.5)
  assert.deepEqual(
    !result.ok && result.errors.map(({ loc }) => loc[0]),
    ['constrained-str', 'uuid', 'list[int]', 'dict[str,union[str,int]]', "literal['a','b']"],
  )
})

test('a union with a discriminator looks at one member only', () => {
  const schema = Type.Unsafe({
    oneOf: [
      model('TestCat', { type: literal(['cat']), lives: integer() }),
      model('TestDog', { type: literal(['dog']) }),
    ],
    discriminator: { propertyName: 'type' },
  })
  const validate = compile(schema)
  assert.deepEqual(faults(validate({ type: 'cat' })), ['cat.lives missing'])
  assert.deepEqual(faults(validate({ type: 'cow' })), [' union_tag_invalid'])
  assert.deepEqual(faults(validate({})), [' union_tag_not_found'])
})

interface Tree {
  children: Tree[]
}
const TreeSchema = model('TestTree', { children: list(later<Tree>('TestTree'), { makeDefault: emptyList }) })

test('a schema may contain itself, to a bounded depth', () => {
  const nest = (levels: number): unknown => (levels === 0 ? {} : { children: [nest(levels - 1)] })
  assert.ok(compile(TreeSchema)(nest(60)).ok)
  const deep = compile(TreeSchema)(nest(5000))
  assert.equal(!deep.ok && deep.errors[0]?.type, 'value_error')
})

interface Group {
  kind: string
  parts: Group[]
}
const parts = list(anyOf([later<Group>('TestAll'), later<Group>('TestSome')]))
const All = model('TestAll', { kind: literal(['all']), parts })
const Some = model('TestSome', { kind: literal(['some']), parts })

test('unions inside unions do not multiply the work without end', () => {
  const nest = (levels: number): unknown => ({ kind: 'some', parts: levels === 0 ? [] : [nest(levels - 1)] })
  const validate = compile(anyOf([All, Some]), { unknownFields: 'tolerate' })
  assert.ok(validate(nest(8)).ok)
  const result = validate(nest(50))
  assert.ok(!result.ok && result.errors.length <= 100)
})

test('looking stops when enough is wrong', () => {
  const wrong = Array.from({ length: 1000 }, () => 1)
  const result = compile(list(text()), { errorsMax: 5 })(wrong)
  assert.equal(!result.ok && result.errors.length, 5)
  assert.ok(!compile(anyOf([list(text()), list(uuid())]), { errorsMax: 1 })(wrong).ok)
})

test('times, ids and durations come out in one form', () => {
  const validate = compile(tuple<string[]>([dateTime(), dateTime(), dateTime(), uuid(), duration(), duration()]))
  const given = [
    '2024-03-04T05:06:07.1+02:00',
    '2024-03-04',
    1_700_000_000.5,
    '{0190AAAA-0000-7000-8000-000000000001}',
    'P1DT1H',
    3,
  ]
  assert.deepEqual(valueOf(validate(given)), [
    '2024-03-04T03:06:07.100000Z',
    '2024-03-04T00:00:00Z',
    '2023-11-14T22:13:20.500000Z',
    '0190aaaa-0000-7000-8000-000000000001',
    90_000,
    3,
  ])
})

test('sets drop repetitions and keep the order', () => {
  assert.deepEqual(valueOf(compile(setOf(text()))(['b', 'a', 'b'])), ['b', 'a'])
})

test('a key called __proto__ is a key like any other', () => {
  const given = JSON.parse('{"__proto__": {"polluted": 1}, "a": {}}') as unknown
  const value = valueOf(compile(dict(jsonObject()))(given))
  assert.deepEqual(Object.keys(value), ['__proto__', 'a'])
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.deepEqual(faults(compile(Inner)(JSON.parse('{"kind":"a","__proto__":1}'))), ['__proto__ extra_forbidden'])
})

test('half a surrogate pair is no text, and its error can be sent', () => {
  const result = compile(text())('a\ud800')
  assert.deepEqual(faults(result), [' string_unicode'])
  assert.ok(!result.ok && String(result.errors[0]?.input).isWellFormed())
  assert.ok(compile(text())('a\u0000b').ok)
})

test('own checks and changes run in their order', () => {
  const schema = text({
    before: (value) => (typeof value === 'number' ? String(value) : value),
    check: (value) => (value === '13' ? 'unlucky' : undefined),
    after: (value) => `<${value}>`,
  })
  assert.equal(valueOf(compile(schema)(12)), '<12>')
  assert.deepEqual(compile(schema)(13, ['x']), {
    ok: false,
    errors: [{ type: 'value_error', loc: ['x'], msg: 'Value error, unlucky', input: 13, ctx: { error: {} } }],
  })
})

test('an enum and a literal list what they expect', () => {
  const Colour = enumOf('TestColour', ['red', 'green', 'blue'])
  const result = compile(Colour)('pink')
  assert.deepEqual(!result.ok && result.errors[0], {
    type: 'enum',
    loc: [],
    msg: "Input should be 'red', 'green' or 'blue'",
    input: 'pink',
    ctx: { expected: "'red', 'green' or 'blue'" },
  })
  assert.deepEqual(faults(compile(literal(['a']))('b')), [' literal_error'])
})

test('two schemas cannot have one name', () => {
  assert.throws(() => model('TestOuter', { a: any() }), /two schemas called TestOuter/)
})
