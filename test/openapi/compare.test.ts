import assert from 'node:assert/strict'
import test from 'node:test'
import { compareDocuments } from './compare.ts'
import type { Document } from './compare.ts'

const theirs: Document = {
  paths: {
    '/flows/{id}': {
      get: {
        summary: 'Read Flow',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid', title: 'Id' } },
          { name: 'x-version', in: 'header', required: false, schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'fine', content: {} } },
      },
      delete: { responses: { 204: { description: 'gone' } } },
    },
  },
  components: { schemas: { Flow: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } } },
}

test('wording and the order of parameters make no difference', () => {
  const ours: Document = {
    paths: {
      '/flows/:id': {
        get: {
          summary: 'Reads a flow',
          parameters: [
            { name: 'x-version', in: 'header', required: false, schema: { type: 'string' } },
            { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          ],
          responses: { 200: { description: 'ok', content: {} } },
        },
        delete: { responses: { 204: { description: 'removed' } } },
      },
    },
    components: theirs.components,
  }
  const { operations, components, differences } = compareDocuments(ours, theirs)
  assert.deepEqual(operations, { theirs: 2, present: 2, equal: 2 })
  assert.deepEqual(components, { theirs: 1, present: 1, equal: 1 })
  assert.deepEqual(differences, [])
})

test('a field called title counts, as does what is missing and what is extra', () => {
  const ours: Document = {
    paths: { '/flows/{id}': { get: { responses: {} } }, '/other': { get: { responses: {} } } },
    components: { schemas: { Flow: { type: 'object', properties: {}, required: ['title'] } } },
  }
  const found = compareDocuments(ours, theirs).differences.map(({ at, what }) => `${what}: ${at}`)
  assert.deepEqual(found, [
    'parameters: GET /flows/{id}',
    'responses: GET /flows/{id}',
    'missing: DELETE /flows/{id}',
    'extra: GET /other',
    'component: Flow',
  ])
})
