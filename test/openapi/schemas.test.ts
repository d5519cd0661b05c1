import assert from 'node:assert/strict'
import test from 'node:test'
import { toComponent } from '@spillway/core/wire/json-schema'
import { schemaNames } from './all-schemas.ts'
import { compareDocuments } from './compare.ts'
import { NO_PREFECT, prefectDocument, prefectPython } from './prefect-document.ts'

/** Where our schemas say something else on purpose. */
const DECIDED: Readonly<Record<string, string>> = {
  RRuleSchedule: 'the timezone is checked against the runtime, not against a pattern with every name in it',
}

test('every named schema is the one a real Prefect server documents', { skip: NO_PREFECT }, () => {
  const python = prefectPython()
  assert.ok(python, 'with CI=true the real Prefect must be installed')
  const theirs = prefectDocument(python)
  const schemas = Object.fromEntries(
    schemaNames().map((name) => [name, toComponent(name, (inner) => `#/components/schemas/${inner}`)]),
  )
  const { components, differences } = compareDocuments({ paths: {}, components: { schemas } }, {
    paths: {},
    components: theirs.components,
  })
  const undecided = differences.filter(({ at }) => !(at in DECIDED))
  assert.deepEqual(undecided, [])
  assert.equal(components.present, components.theirs)
})
