import assert from 'node:assert/strict'
import test from 'node:test'
import { compareDocuments } from './compare.ts'
import { ourDocument } from './our-document.ts'
import { NO_PREFECT, prefectDocument, prefectPython } from './prefect-document.ts'

/** Where the documents say different things on purpose. */
const decided: Readonly<Record<string, string>> = {
  'extra GET /metrics': 'a page of this server',
  'extra GET /openapi.json': 'FastAPI serves it without describing it',
  'extra GET /spillway/events/stream': 'server-sent events',
  'extra GET /spillway/logs/stream': 'server-sent events',
  'extra POST /spillway/stream-tickets': 'lets browsers open them',
  'component RRuleSchedule': 'the timezone is checked against the runtime, not against a pattern with every name in it',
}

/** How much of Prefect's document is said in the same way; it may only grow. */
const agreed = { operations: 187, components: 401 }

test('the routes are described as the real Prefect describes its own', { skip: NO_PREFECT }, (t) => {
  const python = prefectPython()
  assert.ok(python, 'with CI=true the real Prefect must be installed')
  const { operations, components, differences } = compareDocuments(ourDocument(), prefectDocument(python))
  t.diagnostic(`operations: ${operations.equal} of ${operations.theirs} agree, ${operations.present} are there`)
  t.diagnostic(`schemas: ${components.equal} of ${components.theirs} agree, ${components.present} are there`)
  const undecided = differences.filter(({ at, what }) => !(`${what} ${at}` in decided))
  assert.deepEqual(undecided, [])
  assert.ok(operations.equal >= agreed.operations, `${operations.equal} operations agree, they were ${agreed.operations}`)
  assert.ok(components.equal >= agreed.components, `${components.equal} schemas agree, they were ${agreed.components}`)
})
