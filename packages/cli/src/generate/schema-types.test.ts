import assert from 'node:assert/strict'
import { stripTypeScriptTypes } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { deploymentsFile } from './deployments-file.ts'
import { SchemaTypes } from './schema-types.ts'
import type { JsonSchema } from './type-text.ts'

const definitions = {
  Mode: { enum: ['fast', 'safe'], type: 'string' },
  Node: { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/definitions/Node' } } }, required: ['name'] },
  Self: { anyOf: [{ $ref: '#/definitions/Again' }, { type: 'string' }] },
  Again: { allOf: [{ $ref: '#/definitions/Self' }] },
  'Page[int]': { type: 'integer' },
}

/** The type of one parameter, on one line. */
function typeOf(schema: unknown): string {
  const { declarations } = new SchemaTypes({ type: 'object', properties: { it: schema }, required: ['it'], definitions }, 'P', 'D', new Set())
  return /\bit\??: ([^]*)\n\}\n$/.exec(declarations.at(-1)!)![1]!.replaceAll(/\s+/g, ' ')
}

const types: readonly (readonly [what: string, schema: unknown, type: string])[] = [
  ['a text', { type: 'string' }, 'string'],
  ['a date', { type: 'string', format: 'date-time' }, 'string'],
  ['whole and broken numbers', { type: ['integer', 'number'] }, 'number'],
  ['a switch', { type: 'boolean' }, 'boolean'],
  ['what may be null', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'number | null'],
  ['what may be null, in the words of OpenAPI', { type: 'string', nullable: true }, 'string | null'],
  ['several kinds', { type: ['string', 'null'] }, 'string | null'],
  ['a choice', { enum: ['a', 1, null, true] }, "'a' | 1 | null | true"],
  ['texts that want quoting', { enum: ["it's", 'a "b" \\ c\n'] }, "'it\\'s' | 'a \"b\" \\\\ c\\n'"],
  ['a constant', { const: { a: [1, 'b'] } }, "{ a: [1, 'b'] }"],
  ['a list', { type: 'array', items: { type: 'string' } }, 'string[]'],
  ['a list of choices', { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } }, '(string | number)[]'],
  ['a set', { type: 'array', items: { type: 'integer' }, uniqueItems: true }, 'number[]'],
  ['a list of anything', { type: 'array' }, 'unknown[]'],
  ['a tuple of pydantic', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], minItems: 2, maxItems: 2 }, '[string, number]'],
  ['a tuple of draft 7', { type: 'array', items: [{ type: 'string' }, { type: 'integer' }], minItems: 1, additionalItems: false }, '[string, number?]'],
  ['a tuple with a rest', { type: 'array', prefixItems: [{ type: 'string' }], minItems: 1, items: { type: 'boolean' } }, '[string, ...boolean[]]'],
  ['the empty tuple', { type: 'array', maxItems: 0, minItems: 0 }, '[]'],
  ['a dictionary', { type: 'object', additionalProperties: { type: 'number' } }, '{ [key: string]: number }'],
  ['a dictionary by patterns', { type: 'object', patternProperties: { '^x': { type: 'number' }, '^y': { type: 'string' } } }, '{ [key: string]: number | string }'],
  ['an object of anything', { type: 'object' }, '{ [key: string]: unknown }'],
  ['an object that is open', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: true }, '{ a: string [key: string]: unknown }'],
  ['names that are no identifiers', { type: 'object', properties: { 'a-b': { type: 'string' }, "c'd": {} } }, "{ 'a-b'?: string 'c\\'d'?: unknown }"],
  ['a definition', { $ref: '#/definitions/Mode' }, 'DMode'],
  ['a definition with a default beside it', { allOf: [{ $ref: '#/definitions/Mode' }], default: 'fast', title: 'Mode' }, 'DMode'],
  ['a definition whose name is no identifier', { $ref: '#/definitions/Page%5Bint%5D' }, 'DPageInt'],
  ['a choice of definitions', { oneOf: [{ $ref: '#/definitions/Node' }, { $ref: '#/definitions/Mode' }], discriminator: { propertyName: 'kind' } }, 'DNode | DMode'],
  ['all of several', { allOf: [{ $ref: '#/definitions/Node' }, { type: 'object', properties: { a: { type: 'string' } } }] }, 'DNode & { a?: string }'],
  ['a reference that leads nowhere', { $ref: '#/definitions/Gone' }, 'unknown'],
  ['a reference out of the document', { $ref: 'https://example.test/schema' }, 'unknown'],
  ['anything', {}, 'unknown'],
  ['a schema that is `true`', true, 'unknown'],
  ['what types cannot say', { not: { type: 'string' } }, 'unknown'],
  ['a choice with what is not known', { anyOf: [{ type: 'string' }, { $ref: '#/definitions/Gone' }] }, 'unknown'],
]

for (const [what, schema, type] of types) test(`${what} becomes ${type}`, () => assert.equal(typeOf(schema), type))

test('a definition may hold itself, and one that is nothing but itself becomes unknown', () => {
  const { declarations } = new SchemaTypes({ properties: {}, definitions }, 'P', 'D', new Set())
  assert.match(declarations.join(''), /export type DNode = \{\n {2}name: string\n {2}children\?: DNode\[\]\n\}/)
  assert.match(declarations.join(''), /export type DSelf = unknown\n/)
})

test('parameters come in the order of the form, optional where they have a default, with what is said about them', () => {
  const schema = {
    properties: {
      last: { type: 'integer', position: 1, default: 3, description: 'How many.\nNot more than 10. */' },
      first: { type: 'string', position: 0, format: 'uuid' },
    },
    required: ['first', 'last'],
  }
  const text = deploymentsFile([{ name: 'etl/prod', schema, description: 'Loads it all.' }], 'spillway')
  assert.match(text, /\{\n {2}\/\*\* Format: uuid\. \*\/\n {2}first: string\n {2}\/\*\*\n {3}\* How many\.\n {3}\* Not more than 10\. \*\u200b\/\n {3}\* Default: 3\n {3}\*\/\n {2}last\?: number\n\}/)
  assert.match(text, /\/\*\* Loads it all\. \*\/\n {2}'etl\/prod': \{\n {4}run: <Result = unknown>\(parameters: EtlProdParameters, options/)
})

test('the same deployments give the same text in whatever order they come', () => {
  const some = ['b/x', 'a/y', 'a-y/', 'a/y!'].map((name) => ({ name, schema: { properties: { a: { $ref: '#/definitions/Mode' } }, definitions } as JsonSchema }))
  const text = deploymentsFile(some, 'spillway')
  assert.equal(deploymentsFile(some.toReversed(), 'spillway'), text)
  const declared = [...text.matchAll(/^export type (\w+)/gm)].map((match) => match[1]!)
  assert.equal(new Set(declared).size, declared.length)
})

test('a deployment without a form takes anything, or nothing', () => {
  for (const schema of [null, undefined, {}, { type: 'object', properties: {} }]) {
    const text = deploymentsFile([{ name: 'a/b', ...(schema === undefined ? {} : { schema }) }], 'spillway')
    assert.match(text, /export type ABParameters = \{ \[name: string\]: unknown \}/)
    assert.match(text, /\(parameters\?: ABParameters,/)
  }
})

test('whatever a schema holds, the file can be parsed', () => {
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
    const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('a', 'default', '*/', '__proto__', 'constructor', '${x}'))
    const some = (one: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.array(one, { maxLength: 2 })
    const json = fc.jsonValue({ maxDepth: 1 })
    const schema = fc.oneof(
      { maxDepth: 2 },
      json,
      fc.record({
        type: fc.oneof(fc.constantFrom('string', 'integer', 'array', 'object', 'null', 'new'), fc.constant(['string', 'null'])),
        description: names, default: json, enum: fc.array(json, { maxLength: 3 }), const: json, format: names,
        properties: fc.dictionary(names, tie('schema'), { maxKeys: 2 }), required: fc.array(names), additionalProperties: tie('schema'),
        items: fc.oneof(tie('schema'), some(tie('schema'))), prefixItems: some(tie('schema')), minItems: fc.nat(3), maxItems: fc.nat(3),
        anyOf: some(tie('schema')), allOf: some(tie('schema')), $ref: fc.constantFrom('#', '#/definitions/a', '#/definitions/%zz'), definitions: fc.dictionary(names, tie('schema'), { maxKeys: 2 }),
      }, { requiredKeys: [] }),
    )
    return { schema }
  })
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string({ unit: 'binary' }), schema, { maxKeys: 2 }), fc.dictionary(fc.string(), schema, { maxKeys: 2 }), (name, properties, more) => {
    stripTypeScriptTypes(deploymentsFile([{ name, description: name, schema: { properties, definitions: more, required: Object.keys(properties) } }], 'spillway'))
  }), { numRuns: 200 })
})
