import type { CallList } from './call.ts'
import { basics } from './calls/basics.ts'
import { flows } from './calls/flows.ts'
import { flowRuns } from './calls/flow-runs.ts'
import {
  flowRunForcedTransitions,
  flowRunPauses,
  flowRunRules,
  flowRunTransitions,
} from './calls/flow-run-rules.ts'

import { concurrencyLimits } from './calls/concurrency.ts'
import { deployments } from './calls/deployments.ts'
import { flowRunFilters } from './calls/flow-run-filters.ts'
import { logs } from './calls/logs.ts'
import { schedules } from './calls/schedules.ts'
import { taskRuns } from './calls/task-runs.ts'
import { artifacts, variables } from './calls/variables-artifacts.ts'
import { workPools } from './calls/work-pools.ts'

import { automations } from './calls/automations.ts'
import { badBodies, unknownIds } from './calls/bad-input.ts'
import { blocks } from './calls/blocks.ts'
import { events, serverEvents, taskRunRecorder } from './calls/events.ts'
import { handshakesWithoutPassword, handshakesWithPassword } from './calls/handshakes.ts'
import { odds } from './calls/odds.ts'
import { authentication, csrf, streams } from './calls/streams.ts'

/** Every scripted list, in the order in which they run. */
export const callLists: CallList[] = [
  basics,
  flows,
  flowRuns,
  flowRunRules,
  flowRunPauses,
  flowRunTransitions,
  flowRunForcedTransitions,
  flowRunFilters,
  taskRuns,
  deployments,
  schedules,
  workPools,
  logs,
  variables,
  artifacts,
  concurrencyLimits,
  blocks,
  events,
  taskRunRecorder,
  serverEvents,
  automations,
  odds,
  badBodies,
  unknownIds,
  streams,
  authentication,
  handshakesWithoutPassword,
  handshakesWithPassword,
  csrf,
]
