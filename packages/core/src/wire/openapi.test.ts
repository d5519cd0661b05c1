import assert from 'node:assert/strict'
import test from 'node:test'
import { buildOpenApi } from './openapi.ts'
import {
  any,
  bodyParameters,
  boolean,
  integer,
  list,
  model,
  optional,
  strictModel,
  text,
  uuid,
  withOptions,
} from './schema.ts'

const Leaf = strictModel('TestLeaf', {
  name: text({ check: () => undefined, pattern: '^a' }),
  size: integer({ default: 1 }),
})
const Branch = model('TestBranch', {
  leaf: optional(Leaf),
  other: withOptions(Leaf, { default: { name: 'a', size: null } }),
})
const FilterBody = bodyParameters('Body_test_branches', { branches: optional(Branch), limit: integer({ default: 5 }) })

const document = buildOpenApi(
  [
    {
      method: 'POST',
      path: '/branches/filter',
      operationId: 'read_branches',
      tag: 'Branches',
      body: FilterBody,
      replies: { 200: list(Branch) },
    },
    {
      method: 'DELETE',
      path: '/branches/:id',
      operationId: 'delete_branch',
      tag: 'Branches',
      params: { id: 'uuid' },
      query: { force: boolean({ default: false }), reason: text() },
      replies: { 204: null },
    },
    {
      method: 'PUT',
      path: '/branches/{id}',
      operationId: 'put_branch',
      tag: 'Branches',
      params: { id: uuid() },
      body: Leaf,
      replies: { 200: any() },
    },
    { method: 'GET', path: '/health', operationId: 'health', tag: 'Root', isPlain: true, replies: { 200: boolean() } },
  ],
  { title: 'Test', version: '1' },
)

test('a route becomes an operation with its parameters, body and answers', () => {
  const invalid = {
    description: 'Validation Error',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/HTTPValidationError' } } },
  }
  assert.deepEqual(document.paths['/branches/{id}']?.['delete'], {
    tags: ['Branches'],
    summary: 'Delete Branch',
    operationId: 'delete_branch',
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'force', in: 'query', required: false, schema: { type: 'boolean', default: false } },
      { name: 'reason', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'x-prefect-api-version', in: 'header', required: false, schema: { type: 'string' } },
    ],
    responses: { 204: { description: 'Successful Response' }, 422: invalid },
  })
})

test('a body is required unless it may be absent', () => {
  assert.deepEqual(document.paths['/branches/filter']?.['post']?.requestBody, {
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Body_test_branches' } } },
  })
  assert.equal(document.paths['/branches/{id}']?.['put']?.requestBody?.['required'], true)
})

test('components are those referred to, without what only validation reads', () => {
  assert.deepEqual(document.components.schemas, {
    Body_test_branches: {
      type: 'object',
      properties: {
        branches: { anyOf: [{ $ref: '#/components/schemas/TestBranch' }, { type: 'null' }] },
        limit: { type: 'integer', default: 5 },
      },
    },
    HTTPValidationError: {
      type: 'object',
      properties: { detail: { type: 'array', items: { $ref: '#/components/schemas/ValidationError' } } },
    },
    TestBranch: {
      type: 'object',
      properties: {
        leaf: { anyOf: [{ $ref: '#/components/schemas/TestLeaf' }, { type: 'null' }] },
        other: { $ref: '#/components/schemas/TestLeaf', default: { name: 'a' } },
      },
    },
    TestLeaf: {
      type: 'object',
      additionalProperties: false,
      properties: { name: { type: 'string', pattern: '^a' }, size: { type: 'integer', default: 1 } },
      required: ['name'],
    },
    ValidationError: {
      type: 'object',
      properties: {
        loc: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
        msg: { type: 'string' },
        type: { type: 'string' },
        input: {},
        ctx: { type: 'object', additionalProperties: true },
      },
      required: ['loc', 'msg', 'type'],
    },
  })
})

test('a route without checks documents no refusal and no version header', () => {
  assert.deepEqual(document.paths['/health']?.['get'], {
    tags: ['Root'],
    summary: 'Health',
    operationId: 'health',
    responses: {
      200: { description: 'Successful Response', content: { 'application/json': { schema: { type: 'boolean' } } } },
    },
  })
})
