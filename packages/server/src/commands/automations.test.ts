import assert from 'node:assert/strict'
import test from 'node:test'
import type { Answer } from '../storage/port.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'

const body = (answer: Answer): any => JSON.parse(answer.json)
const expect = ['prefect.flow-run.Failed']
const trigger = { type: 'event', posture: 'Reactive', after: [], expect, for_each: [], threshold: 1, within: 0 }
const deploymentId = '0190a0a0-0000-7000-8000-000000000001'
const runDeployment = {
  type: 'run-deployment',
  source: 'selected',
  deployment_id: deploymentId,
  parameters: null,
  job_variables: null,
  schedule_after: 0,
}
const automation = {
  name: 'restart', description: '', enabled: true, tags: [], trigger, actions: [runDeployment], actions_on_trigger: [],
  actions_on_resolve: [], owner_resource: null,
}

async function withStore(run: (store: TestStore) => Promise<void>): Promise<void> {
  const store = openTestStore()
  try {
    await run(store)
  } finally {
    store.close()
  }
}

test('every trigger gets an id of the server, inner ones too, and durations are floats', () =>
  withStore(async (store) => {
    const compound = { type: 'compound', id: 'mine', require: 'all', within: 5, triggers: [trigger] }
    const created = await store.write('createAutomation', { ...automation, trigger: compound })
    assert.match(created.json, /"within":5\.0/)
    assert.match(created.json, /"schedule_after":0\.0/)
    const { trigger: shown } = body(created)
    assert.notEqual(shown.id, 'mine')
    assert.notEqual(shown.triggers[0].id, shown.id)
    assert.deepEqual(shown.triggers[0].match, {})
  }))

test('automations of an owner go when the owner sets them anew, those that only act on it stay', () =>
  withStore(async (store) => {
    const resourceId = `prefect.deployment.${deploymentId}`
    await store.write('createAutomation', { ...automation, name: 'acts' })
    const owned = { name: 'owned', actions: [{ type: 'do-nothing' }], owner_resource: resourceId }
    await store.write('createAutomation', { ...automation, ...owned })
    const related = async (): Promise<string[]> =>
      body(await store.read('listAutomationsRelatedTo', { resourceId })).map((one: any) => one.name)
    assert.deepEqual(await related(), ['acts', 'owned'])
    assert.equal((await store.write('deleteAutomationsOwnedBy', { resourceId })).status, 202)
    assert.deepEqual(await related(), ['acts'])
    assert.equal((await store.write('deleteAutomationsOwnedBy', { resourceId: 'prefect.deployment.none' })).status, 202)
  }))

test('an automation that would run in circles cannot be switched on', () =>
  withStore(async (store) => {
    const circular = {
      ...automation,
      enabled: false,
      trigger: { ...trigger, expect: ['prefect.flow-run.*'] },
      actions: [{ ...runDeployment, source: 'inferred', deployment_id: null }],
    }
    const { id } = body(await store.write('createAutomation', circular))
    await assert.rejects(store.write('updateAutomation', { id, changes: { enabled: true } }), { status: 422 })
    await store.write('updateAutomation', { id, changes: { enabled: false } })
  }))

test('an unknown automation is told in the words of deeper layers', () =>
  withStore(async (store) => {
    await assert.rejects(store.write('deleteAutomation', { id: deploymentId }), {
      status: 404,
      body: { exception_message: 'Automation not found' },
    })
  }))
