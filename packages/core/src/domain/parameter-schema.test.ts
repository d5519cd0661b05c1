import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { UnsettledValue } from './hydrate.ts'
import {
  CircularSchemaError,
  ValueFault,
  parameterFault,
  preprocessSchema,
  schemaFault,
  validationErrors,
  validationErrorsTree,
} from './parameter-schema.ts'

// What Prefect 3.8.8 says of a value at the root, without its preprocessing.
const messages: [unknown, unknown, string | undefined][] = [
  [{ type: 'integer' }, 'x', "'x' is not of type 'integer'"],
  [{ type: ['integer', 'null'] }, 'x', "'x' is not of type 'integer', 'null'"],
  [{ enum: ['a', 1, null] }, 'x', "'x' is not one of ['a', 1, None]"],
  [{ enum: [1] }, true, 'True is not one of [1]'],
  [{ const: { a: 1 } }, 2, "{'a': 1} was expected"],
  [{ minimum: 3 }, 1, '1 is less than the minimum of 3'],
  [{ exclusiveMaximum: 3 }, 3.5, '3.5 is greater than or equal to the maximum of 3'],
  [{ multipleOf: 2 }, 3, '3 is not a multiple of 2'],
  [{ minLength: 1 }, '', "'' should be non-empty"],
  [{ minLength: 2 }, 'a', "'a' is too short"],
  [{ maxLength: 1 }, '😀', undefined],
  [{ maxItems: 0 }, [1], '[1] is expected to be empty'],
  [{ uniqueItems: true }, [1, { a: 1 }, { a: 1 }], "[1, {'a': 1}, {'a': 1}] has non-unique elements"],
  [{ uniqueItems: true }, [1, true], undefined],
  [{ pattern: '^a' }, 'b', "'b' does not match '^a'"],
  [{ required: ['a'] }, {}, "'a' is a required property"],
  [{ minProperties: 2 }, { a: 1 }, "{'a': 1} does not have enough properties"],
  [{ additionalProperties: false }, { b: 1, a: 2 }, "Additional properties are not allowed ('a', 'b' were unexpected)"],
  [
    { additionalProperties: false, patternProperties: { '^x': {}, '^a': {} } },
    { b: 1 },
    "'b' does not match any of the regexes: '^a', '^x'",
  ],
  [{ prefixItems: [{}], items: false }, [1, 2, 3], 'Expected at most 1 item but found 2 extra: [2, 3]'],
  [{ contains: { type: 'string' } }, [1], '[1] does not contain items matching the given schema'],
  [
    { contains: { type: 'integer' }, maxContains: 1 },
    [1, 2],
    'Too many items match the given schema (expected at most 1)',
  ],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1, '1 is not valid under any of the given schemas'],
  [{ anyOf: [{ type: 'string', minLength: 3 }, { type: 'null' }] }, 'a', "'a' is too short"],
  [
    { oneOf: [{ type: 'string' }, { minLength: 1 }] },
    'ab',
    "'ab' is valid under each of {'minLength': 1}, {'type': 'string'}",
  ],
  [{ not: { type: 'integer' } }, 1, "1 should not be valid under {'type': 'integer'}"],
  [{ if: { type: 'integer' }, then: { minimum: 3 } }, 1, '1 is less than the minimum of 3'],
  [{ dependentRequired: { a: ['b'] } }, { a: 1 }, "'b' is a dependency of 'a'"],
  [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, "'ab' is too long"],
  [false, 1, 'False schema does not allow 1'],
  [{ properties: { a: false } }, { a: 1 }, 'False schema does not allow 1'],
  [
    { unevaluatedProperties: false, properties: { a: {} } },
    { a: 1, b: 2 },
    "Unevaluated properties are not allowed ('b' was unexpected)",
  ],
  [{ $ref: '#/definitions/A', definitions: { A: { type: 'string' } } }, 1, "1 is not of type 'string'"],
  [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }, 1, "1 is not of type 'string'"],
  [
    { $ref: '#/definitions/B' },
    1,
    "PointerToNowhere: '/definitions/B' does not exist within {'$ref': '#/definitions/B'}",
  ],
  [{ $ref: 'http://x/y' }, 1, 'Unresolvable: http://x/y'],
  [{ type: 'string', format: 'uuid' }, 'x', undefined],
  [{ type: 'number' }, 'x\'y"\n\té\u200b', "'x\\'y\"\\n\\té\\u200b' is not of type 'number'"],
  [{ type: 'number' }, "it's", "\"it's\" is not of type 'number'"],
  [
    { type: 'string' },
    { a: [true, null, 1.5, { b: 'c' }] },
    "{'a': [True, None, 1.5, {'b': 'c'}]} is not of type 'string'",
  ],
  [{ type: 'string' }, 1e-7, "1e-07 is not of type 'string'"],
  [{ type: 'integer' }, 1.0, undefined],
]

test('values that do not fit are explained as Prefect explains them', () => {
  for (const [schema, value, want] of messages) {
    const fault = parameterFault(value, schema, { isPreprocessed: true })
    assert.equal(fault, want && `Validation failed. Failure reason: ${want}`, JSON.stringify([schema, value]))
  }
})

test('a fault names its field', () => {
  const schema = {
    properties: {
      a: { type: 'object', properties: { b: { type: 'array', items: { type: 'integer' } } } },
      'c d': { type: 'null' },
    },
    required: ['a', 'c d'],
  }
  const at = (path: string, reason: string) => `Validation failed for field ${path}. Failure reason: ${reason}`
  assert.equal(
    parameterFault({ a: { b: [1, 'x'] }, 'c d': null }, schema, { isPreprocessed: true }),
    at("'a.b[1]'", "'x' is not of type 'integer'"),
  )
  assert.equal(parameterFault({ a: {}, 'c d': 1 }, schema), at('"$[\'c d\']"', "1 is not of type 'null'"))
  assert.equal(parameterFault([1], { items: { type: 'string' } }), at("'$[0]'", "1 is not of type 'string'"))
})

test('schemas that are none are refused', () => {
  const cases: [unknown, string | undefined][] = [
    [{ type: 'foo' }, "'foo' is not valid under any of the given schemas"],
    [{ type: [] }, '[] is not valid under any of the given schemas'],
    [{ properties: [] }, "[] is not of type 'object'"],
    [{ properties: { a: { required: true } } }, "True is not of type 'array'"],
    [{ minLength: -1 }, '-1 is less than the minimum of 0'],
    [{ pattern: '[' }, "'[' is not a 'regex'"],
    [{ definitions: { A: { type: 'foo' } } }, "'foo' is not valid under any of the given schemas"],
    [[], "[] is not of type 'object', 'boolean'"],
    [{ items: [{ type: 'string' }] }, "[{'type': 'string'}] is not of type 'object', 'boolean'"],
    [{ anyOf: [] }, '[] should be non-empty'],
    [{ enum: 5 }, "5 is not of type 'array'"],
    [{ type: 'object', properties: { a: { type: 'string', default: 1, position: 0 } }, title: 'P' }, undefined],
  ]
  for (const [schema, want] of cases) {
    assert.equal(
      schemaFault(schema, { isPreprocessed: true }),
      want && `Invalid schema: ${want}`,
      JSON.stringify(schema),
    )
  }
  assert.equal(parameterFault({}, { enum: 5 }), "Invalid schema: 5 is not of type 'array'")
})

test('schemas from older drafts are taken', () => {
  const schema = {
    type: 'object',
    properties: {
      optional: { type: 'string' },
      defaulted: { type: 'string', default: 'x' },
      needed: { type: 'string' },
      pair: { type: 'array', items: [{ type: 'integer' }, { type: 'string' }] },
      block: { $ref: '#/definitions/Secret' },
    },
    required: ['needed'],
    definitions: { Secret: { title: 'Secret', block_type_slug: 'secret', type: 'object', required: ['value'] } },
  }
  const fits = (values: object, options = {}) =>
    parameterFault({ needed: 'n', ...values }, schema, options) === undefined
  assert.ok(fits({ optional: null }))
  assert.ok(!fits({ needed: null }))
  assert.ok(!fits({ defaulted: null }))
  assert.ok(fits({ defaulted: null }, { allowNullWithDefault: true }))
  assert.ok(fits({ pair: [1, 'a'] }))
  assert.ok(!fits({ pair: ['a', 1] }))
  assert.ok(fits({ block: { value: 1 } }))
  assert.ok(fits({ block: { $ref: '0198c0de-0000-7000-8000-000000000001' } }))
  assert.ok(fits({ block: { $ref: { block_document_id: 'x' } } }))
  assert.ok(!fits({ block: { $ref: {} } }))
  assert.equal(parameterFault({}, schema), "Validation failed. Failure reason: 'needed' is a required property")
  assert.equal(parameterFault({}, schema, { ignoreRequired: true }), undefined)
  assert.equal('prefixItems' in (schema.properties.pair as object), false, 'the schema given is left alone')
  assert.deepEqual(preprocessSchema({ properties: { a: { type: 'string', title: 'A' } } }), {
    properties: { a: { title: 'A', anyOf: [{ type: 'string' }, { type: 'null' }] } },
  })
})

test('references that go round without end are told from deep ones', () => {
  const circular = { $ref: '#/definitions/A', definitions: { A: { $ref: '#/definitions/A' } } }
  assert.throws(() => parameterFault(1, circular), CircularSchemaError)
  const tree = {
    $ref: '#/$defs/node',
    $defs: { node: { properties: { next: { $ref: '#/$defs/node' } }, required: ['v'] } },
  }
  assert.equal(parameterFault({ v: 1, next: { v: 2, next: { v: 3 } } }, tree), undefined)
  assert.match(parameterFault({ v: 1, next: { v: 2, next: {} } }, tree)!, /'next.next'.*'v' is a required property/)
})

test('a schema made to take for ever is given up', () => {
  const definitions: Record<string, unknown> = { d0: { type: 'string' } }
  for (let level = 1; level < 40; level++) {
    const reference = { $ref: `#/definitions/d${level - 1}` }
    definitions[`d${level}`] = { allOf: [reference, reference, reference] }
  }
  assert.match(parameterFault(1, { $ref: '#/definitions/d39', definitions })!, /too many steps/)
})

test('faults are shown at their fields', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'integer' },
      l: { type: 'array', items: { type: 'object', properties: { n: { type: 'string' } }, required: ['n'] } },
      id: { type: 'string', format: 'uuid' },
      v: { type: 'string' },
      t: { type: 'integer' },
    },
    required: ['a', 'b'],
  }
  const values = {
    a: 'x',
    l: [{}, { n: 1 }],
    id: 'no',
    v: new ValueFault("Variable 'x' not found in workspace."),
    t: new UnsettledValue(),
  }
  const errors = validationErrors(values, schema)
  assert.ok(typeof errors !== 'string')
  assert.deepEqual(validationErrorsTree(errors), {
    errors: [
      { property: 'a', errors: ["'x' is not of type 'integer'"] },
      {
        property: 'l',
        errors: [
          { index: 0, errors: [{ property: 'n', errors: ["'n' is a required property"] }] },
          { index: 1, errors: [{ property: 'n', errors: ['1 is not valid under any of the given schemas'] }] },
        ],
      },
      { property: 'id', errors: ["'no' is not a 'uuid'"] },
      { property: 'v', errors: ["Variable 'x' not found in workspace."] },
      { property: 'b', errors: ["'b' is a required property"] },
    ].map((node) =>
      node.property === 'l'
        ? {
            property: 'l',
            errors: [
              { index: 0, errors: [{ property: 'n', errors: ["'n' is a required property"] }] },
              { index: 1, errors: [{ property: 'n', errors: ["1 is not of type 'string'"] }] },
            ],
          }
        : node,
    ),
    valid: false,
  })
  assert.deepEqual(validationErrorsTree([]), { errors: [], valid: true })
})

test('formats count where faults are shown', () => {
  const cases: [string, string, boolean][] = [
    ['uuid', '0198c0de-0000-7000-8000-000000000001', true],
    ['date-time', '2026-11-20T11:07:49Z', true],
    ['date-time', '2026-11-20T11:07:49', false],
    ['date', '2026-02-30', false],
    ['time', '11:07:49Z', true],
    ['email', 'a@b', true],
    ['email', 'a', false],
    ['ipv4', '1.2.3.4', true],
    ['ipv4', '1.2.3.256', false],
    ['ipv6', '::1', true],
    ['ipv6', '1:2:3:4:5:6:7:8:9', false],
    ['regex', '(?P<a>x)', true],
    ['password', 'anything', true],
  ]
  for (const [format, text, want] of cases) {
    const errors = validationErrors(text, { format })
    assert.equal(errors.length === 0, want, `${format} ${text}`)
  }
})

test('any JSON as a schema is refused or applied, never an unexpected error', () => {
  const keyword = fc.constantFrom(
    'type',
    'enum',
    'properties',
    'required',
    'items',
    'anyOf',
    'not',
    '$ref',
    'pattern',
    'additionalProperties',
    'minLength',
    'contains',
    'definitions',
    'dependentRequired',
    'if',
    'then',
    'unevaluatedItems',
  )
  fc.assert(
    fc.property(
      fc.dictionary(keyword, fc.jsonValue({ maxDepth: 2 })),
      fc.jsonValue({ maxDepth: 2 }),
      (schema, value) => {
        let fault: string | undefined
        try {
          fault = parameterFault(value, schema)
        } catch (error) {
          assert.ok(error instanceof CircularSchemaError)
        }
        if (schemaFault(schema) === undefined)
          assert.ok(fault === undefined || fault.startsWith('Validation failed'), fault)
      },
    ),
    { numRuns: 500 },
  )
})
