import assert from 'node:assert/strict'
import test from 'node:test'
import { blockDefaults, jobVariablesFault, type JobVariablesCheck } from './job-template.ts'

const ID = '0198c0de-0000-7000-8000-000000000001'

const template = (properties: object, required: string[] = []) => ({
  job_configuration: {}, variables: { type: 'object', properties, required } as Record<string, unknown>,
})

const check = (changes: Partial<JobVariablesCheck>): string | undefined => jobVariablesFault({
  template: template({}), layers: [], blocks: new Map(), ignoreRequired: false, ignoreInvalidDefaults: true, ...changes,
})

test('a run needs all required variables, from the defaults or from any layer', () => {
  const base = template({ image: { type: 'string' }, cpus: { type: 'integer', default: 1 } }, ['image', 'cpus'])
  assert.equal(check({ template: base, layers: [{ image: 'a' }, null] }), undefined)
  assert.equal(check({ template: base, layers: [{ image: 'a' }, { image: 1 }] }),
    "Validation failed for field 'image'. Failure reason: 1 is not of type 'string'")
  assert.equal(check({ template: base }), "Validation failed. Failure reason: 'image' is a required property")
  assert.equal(check({ template: base, ignoreRequired: true }), undefined)
})

test('null is allowed for an optional variable, with a default too', () => {
  const base = template({ image: { type: 'string', default: 'x' }, name: { type: 'string' } })
  assert.equal(check({ template: base, layers: [{ image: null, name: null }] }), undefined)
})

test('an invalid default is the fault of the template, not of the run', () => {
  const base = template({ cpus: { type: 'integer', default: 'many' }, image: { type: 'string' } }, ['cpus', 'image'])
  assert.equal(check({ template: base }), undefined)
  assert.match(check({ template: base, ignoreRequired: true, ignoreInvalidDefaults: false })!, /'cpus'.*'many' is not of type 'integer'/)
})

test('blocks as defaults are found, and stand for their data', () => {
  const base = template({
    auth: { type: 'object', properties: { user: { type: 'string' } }, default: { $ref: { block_document_id: ID.toUpperCase() } } },
    bad: { default: { $ref: { block_document_id: 'no uuid' } } },
    other: { default: { $ref: {} } },
    plain: { default: 1 },
  }, ['auth'])
  assert.deepEqual(blockDefaults(base), [{ variable: 'auth', blockDocumentId: ID }, { variable: 'bad', blockDocumentId: undefined }])
  assert.equal(check({ template: base, blocks: new Map([['auth', { user: 'u' }]]) }), undefined)
  assert.match(check({ template: base, blocks: new Map([['auth', { user: 1 }]]), ignoreInvalidDefaults: false })!, /'auth.user'/)
})

test('a template without variables checks nothing, and a broken schema is told', () => {
  assert.equal(check({ template: {} }), undefined)
  assert.equal(check({ template: { job_configuration: {}, variables: {} }, layers: [{ a: 1 }] }), undefined)
  assert.equal(check({ template: template({ a: { type: 'foo' } }) }),
    "Invalid schema: 'foo' is not valid under any of the given schemas")
})
