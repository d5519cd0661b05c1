import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { ArtifactCreate } from '@spillway/core/wire/artifacts'
import { AutomationCreate } from '@spillway/core/wire/automations'
import { BlockDocumentCreate } from '@spillway/core/wire/block-documents'
import {
  BulkIncrementActiveSlotsWithLeaseBody,
  ConcurrencyLimitV2Create,
} from '@spillway/core/wire/concurrency-limits'
import { DeploymentCreate } from '@spillway/core/wire/deployments'
import { EventBatch } from '@spillway/core/wire/events'
import {
  BulkDeleteFlowRunsBody,
  FlowRunCreate,
  FlowRunHistoryBody,
  FlowRunUpdate,
  ReadFlowRunsBody,
  SetFlowRunStateBody,
} from '@spillway/core/wire/flow-runs'
import { FlowCreate } from '@spillway/core/wire/flows'
import { LogBatch } from '@spillway/core/wire/logs'
import { compileBody } from '@spillway/core/wire/request'
import type { TSchema } from '@spillway/core/wire/schema'
import { TaskRunCreate } from '@spillway/core/wire/task-runs'
import { CountDeploymentsByFlowBody } from '@spillway/core/wire/ui'
import type { ValidationError } from '@spillway/core/wire/validate'
import { VariableCreate } from '@spillway/core/wire/variables'
import { WorkPoolCreate } from '@spillway/core/wire/work-pools'
import { WorkQueueCreate } from '@spillway/core/wire/work-queues'
import { withoutNulls } from './recorded-validation.ts'
import type { RecordedCase } from './recorded-validation.ts'

const BODIES: Readonly<Record<string, TSchema>> = {
  'POST /flows/': FlowCreate,
  'POST /flow_runs/': FlowRunCreate,
  'PATCH /flow_runs/{id}': FlowRunUpdate,
  'POST /flow_runs/{id}/set_state': SetFlowRunStateBody,
  'POST /flow_runs/filter': ReadFlowRunsBody,
  'POST /flow_runs/history': FlowRunHistoryBody,
  'POST /flow_runs/bulk_delete': BulkDeleteFlowRunsBody,
  'POST /task_runs/': TaskRunCreate,
  'POST /deployments/': DeploymentCreate,
  'POST /work_pools/': WorkPoolCreate,
  'POST /work_pools/{work_pool_name}/queues': WorkQueueCreate,
  'POST /variables/': VariableCreate,
  'POST /artifacts/': ArtifactCreate,
  'POST /block_documents/': BlockDocumentCreate,
  'POST /v2/concurrency_limits/': ConcurrencyLimitV2Create,
  'POST /v2/concurrency_limits/increment-with-lease': BulkIncrementActiveSlotsWithLeaseBody,
  'POST /automations/': AutomationCreate,
  'POST /ui/flows/count-deployments': CountDeploymentsByFlowBody,
  'POST /logs/': LogBatch,
  'POST /events': EventBatch,
}

const recorded = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'validation-cases.json'), 'utf8'),
) as RecordedCase[]

/**
 * On Python before 3.13 Prefect reads times with another library than pydantic, whose errors are worded by it; that one
 * also knows times of other calendars and a few more spellings. Spillway answers as Prefect on Python 3.13 does.
 */
function isTimeError({ type, msg }: { type: string; msg: string }): boolean {
  return type.startsWith('datetime_') || (type === 'value_error' && /Unable to parse string|not a valid datetime/.test(msg))
}

/** One line for each error; the order among fields does not count. */
function errorLines(errors: readonly Omit<ValidationError, 'input'>[]): string[] {
  return errors
    .map((error) => {
      const place = error.loc.join(' → ')
      if (isTimeError(error)) return `${place}: no time`
      return `${place}: ${error.type}: ${error.msg} ${JSON.stringify(error.ctx ?? null)}`
    })
    .sort()
}

/** Ours without what Prefect makes up (names, times, ids) and in its own spelling of times and sets. */
function comparable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((inner) => comparable(inner))
    return items.every((item) => typeof item === 'string') ? items.sort() : items
  }
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)) return new Date(value).toISOString()
  if (typeof value === 'string' && /^P(?:T|\d)/.test(value) && key !== 'name') return 'a duration'
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !MADE_UP.has(name))
  const sorted = kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, inner]) => [name, comparable(inner, name)]))
}

const MADE_UP = new Set(['id', 'name', 'anchor_date', 'scheduled_time', 'interval', 'within'])

for (const [operation, schema] of Object.entries(BODIES)) {
  test(`${operation} takes and refuses bodies as the real Prefect does`, () => {
    const validate = compileBody(schema)
    const cases = recorded.filter(([of]) => of === operation)
    assert.ok(cases.length > 20)
    for (const [, body, answer] of cases) {
      // Where Prefect fails inside, a refusal is all one can want.
      if ('raised' in answer) continue
      const ours = validate(body)
      const shown = JSON.stringify(body)
      if ('errors' in answer) {
        assert.ok(!ours.ok, `should refuse ${shown}: ${JSON.stringify(answer.errors)}`)
        assert.deepEqual(errorLines(ours.errors), errorLines(answer.errors), shown)
      } else {
        assert.ok(ours.ok, `should take ${shown}: ${ours.ok ? '' : JSON.stringify(ours.errors)}`)
        assert.deepEqual(comparable(withoutNulls(ours.value)), comparable(answer.value), shown)
      }
    }
  })
}
