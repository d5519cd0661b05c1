import type { JsonObject } from './json-types.ts'

const ANY_SCHEMA = { $ref: '#' }
const SCHEMAS = { type: 'array', minItems: 1, items: ANY_SCHEMA }
const SCHEMA_MAP = { type: 'object', additionalProperties: ANY_SCHEMA }
const COUNT = { type: 'integer', minimum: 0 }
const TEXT = { type: 'string' }
const FLAG = { type: 'boolean' }
const NUMBER = { type: 'number' }
const NAMES = { type: 'array', items: TEXT, uniqueItems: true }
const TYPE = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] }
const PATTERN = { type: 'string', format: 'regex' }

/**
 * What a JSON schema of draft 2020-12 must look like: its vocabularies in one piece. The order of the keywords is the
 * order in which faults are found.
 */
export const METASCHEMA: JsonObject = {
  type: ['object', 'boolean'],
  properties: {
    $id: { type: 'string', pattern: '^[^#]*#?$' },
    $schema: TEXT,
    $ref: TEXT,
    $anchor: { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' },
    $dynamicRef: TEXT,
    $dynamicAnchor: { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' },
    $vocabulary: { type: 'object', additionalProperties: FLAG },
    $comment: TEXT,
    $defs: SCHEMA_MAP,
    prefixItems: SCHEMAS,
    items: ANY_SCHEMA,
    contains: ANY_SCHEMA,
    additionalProperties: ANY_SCHEMA,
    properties: SCHEMA_MAP,
    patternProperties: { ...SCHEMA_MAP, propertyNames: { format: 'regex' } },
    dependentSchemas: SCHEMA_MAP,
    propertyNames: ANY_SCHEMA,
    if: ANY_SCHEMA,
    then: ANY_SCHEMA,
    else: ANY_SCHEMA,
    allOf: SCHEMAS,
    anyOf: SCHEMAS,
    oneOf: SCHEMAS,
    not: ANY_SCHEMA,
    unevaluatedItems: ANY_SCHEMA,
    unevaluatedProperties: ANY_SCHEMA,
    type: { anyOf: [TYPE, { type: 'array', items: TYPE, minItems: 1, uniqueItems: true }] },
    enum: { type: 'array' },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    maximum: NUMBER,
    exclusiveMaximum: NUMBER,
    minimum: NUMBER,
    exclusiveMinimum: NUMBER,
    maxLength: COUNT,
    minLength: COUNT,
    pattern: PATTERN,
    maxItems: COUNT,
    minItems: COUNT,
    uniqueItems: FLAG,
    maxContains: COUNT,
    minContains: COUNT,
    maxProperties: COUNT,
    minProperties: COUNT,
    required: NAMES,
    dependentRequired: { type: 'object', additionalProperties: NAMES },
    title: TEXT,
    description: TEXT,
    deprecated: FLAG,
    readOnly: FLAG,
    writeOnly: FLAG,
    examples: { type: 'array' },
    format: TEXT,
    contentMediaType: TEXT,
    contentEncoding: TEXT,
    contentSchema: ANY_SCHEMA,
    definitions: SCHEMA_MAP,
    dependencies: { type: 'object', additionalProperties: { anyOf: [ANY_SCHEMA, NAMES] } },
  },
}
