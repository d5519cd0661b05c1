import type { ProposedState } from '@spillway/core/domain/state'
import type { TestStore } from '../storage/sqlite/testing.ts'
import type { NewFlowRun } from './new-flow-run.ts'
import type { NewTaskRun } from './task-runs.ts'

export const stockClient = { clientVersion: '3.8.8', apiVersion: '0.8.4' }

// Answers are JSON of many shapes; tests look at single members.
type Json = any

export async function addFlow(store: TestStore, name: string, labels: Record<string, string> = {}): Promise<string> {
  const { json } = await store.write('createFlow', { name, tags: [], labels })
  return JSON.parse(json).id
}

export async function addRun(store: TestStore, flowId: string, run: Partial<NewFlowRun> = {}): Promise<Json> {
  const { json } = await store.write('createFlowRun', { ...stockClient, workPoolName: null, run: { flowId, ...run } })
  return JSON.parse(json)
}

export async function propose(store: TestStore, id: string, state: ProposedState, force = false): Promise<Json> {
  const { status, json } = await store.write('setFlowRunState', { id, state, force, ...stockClient })
  return { httpStatus: status, ...JSON.parse(json) }
}

export async function readRun(store: TestStore, id: string): Promise<Json> {
  return JSON.parse((await store.read('readFlowRun', { id })).json)
}

export async function addTaskRun(store: TestStore, run: Partial<NewTaskRun> = {}): Promise<Json> {
  const { status, json } = await store.write('createTaskRun', {
    run: {
      id: null, state: null, name: null, flowRunId: null, taskKey: 'key', dynamicKey: '0', cacheKey: null, cacheExpiration: null,
      taskVersion: null, empiricalPolicy: {}, tags: [], labels: null, taskInputs: {}, ...run,
    },
  })
  return { httpStatus: status, ...JSON.parse(json) }
}

/** Runs a test against a store of its own. */
export async function withStore(store: TestStore, body: (store: TestStore) => Promise<void>): Promise<void> {
  try {
    await body(store)
  } finally {
    store.close()
  }
}
