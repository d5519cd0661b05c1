import type { Route } from '../routes/route.ts'
import type { WorkClass } from '../storage/port.ts'

/** The queue of the store that a request will wait in: the writer, the short reads, or the long ones. */
export type WorkLane = 'writer' | 'point' | 'scan'

export interface Work {
  readonly workClass: WorkClass
  readonly lane: WorkLane
}

/** What POST asks for where it only asks. */
const questions = /\/(filter|count|paginate|history|lateness|counts|count-[\w-]+|count-by\/\{\w+\}|next-runs|concurrency_status|validate)$/
/** How workers fetch the runs that are due: nothing would start without it, so it goes with the state changes. */
const polls = /\/(get_scheduled_flow_runs|get_runs)$/

/**
 * What kind of work a row's requests are, by which they are let in or refused under load; undefined for those that ask the
 * store nothing, such as health, which are always answered.
 */
export function workOf(row: Pick<Route, 'method' | 'path' | 'workClass'>): Work | undefined {
  if (row.workClass === 'none') return undefined
  if (row.method === 'GET') return { workClass: row.workClass ?? 'read', lane: 'point' }
  if (row.method === 'POST') {
    if (polls.test(row.path)) return { workClass: 'state', lane: 'point' }
    if (questions.test(row.path)) return { workClass: row.workClass ?? 'read', lane: 'scan' }
  }
  const workClass = row.workClass ?? 'state'
  return { workClass, lane: workClass === 'read' ? 'scan' : 'writer' }
}
