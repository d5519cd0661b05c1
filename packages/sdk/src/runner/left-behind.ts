import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { formatIso } from '@spillway/core/wire/time'
import { toProposal } from '../engine/remote-orchestrator.ts'
import type { NewState } from '../engine/state.ts'
import type { Remote, Session } from '../session.ts'

const CLAIMED = /^Claimed by the runner (.+)\.$/

/** `host:pid`, as stock workers say where a run is at work. */
export function placeOf(pid: number): string {
  return `${hostname()}:${pid}`
}

/** The message of the state in which a run is claimed. */
export function claimMessage(): string {
  return `Claimed by the runner ${placeOf(process.pid)}.`
}

/**
 * Runs of this machine that nobody answers for any more: their runner was killed, and their process has ended too, or was never started.
 * One that has not begun is scheduled again; the others get the last state that nobody could write.
 */
export class LeftBehind {
  readonly #session: Session
  readonly #remote: Remote
  readonly #filter: object
  readonly #isOwn: (flowRunId: string) => boolean
  #suspects = new Set<string>()

  /**
   * @param filter whose runs are looked at: those of deployments, or of a pool
   * @param isOwn whether this runner answers for a run
   */
  constructor(session: Session, remote: Remote, filter: object, isOwn: (flowRunId: string) => boolean) {
    this.#session = session
    this.#remote = remote
    this.#filter = filter
    this.#isOwn = isOwn
  }

  /**
   * Looks once. What is found dead twice in a row is dealt with: a process may have ended a moment before its runner says so.
   *
   * @returns how many have been found dead for the first time: it is worth looking again soon.
   */
  async look(): Promise<number> {
    const { client } = this.#remote
    const open = await client.filterFlowRuns({ ...this.#filter, flow_runs: { state: { type: { any_: ['PENDING', 'RUNNING', 'CANCELLING'] } } }, sort: 'EXPECTED_START_TIME_ASC', limit: 200 })
    const dead = open.filter((run) => !this.#isOwn(run.id) && isLeft(run))
    const known = this.#suspects
    this.#suspects = new Set(dead.map(({ id }) => id))
    for (const run of dead.filter(({ id }) => known.has(id))) await this.#end(run)
    return dead.filter(({ id }) => !known.has(id)).length
  }

  async #end(run: FlowRunResponse): Promise<void> {
    const state = stateFor(run, this.#session.clock.nowUs())
    this.#session.warn(`${String(run.name)}: ${state.message}`)
    await this.#remote.client.setFlowRunState(run.id, toProposal(state), true)
  }
}

function isLeft(run: FlowRunResponse): boolean {
  const place = run.infrastructure_pid ?? (run.state_type === 'PENDING' ? CLAIMED.exec(run.state?.message ?? '')?.[1] : undefined)
  if (place == null || !place.startsWith(`${hostname()}:`)) return false
  const pid = Number(place.slice(hostname().length + 1))
  // In a container a runner has the same id each time.
  return Number.isInteger(pid) && (pid === process.pid || !isAlive(pid))
}

function stateFor(run: FlowRunResponse, nowUs: number): NewState & { readonly message: string } {
  if (run.state_type === 'CANCELLING') return { type: 'CANCELLED', message: 'Flow run was cancelled; its process and its runner are gone.' }
  if (run.state_type === 'RUNNING') return { type: 'CRASHED', message: 'Flow run process is gone, and so is the runner that had started it.' }
  return { type: 'SCHEDULED', message: 'Its runner ended before the run began; it is scheduled again.', details: { scheduled_time: formatIso(nowUs) } }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** It has ended, and the first process of the machine or container has not asked after it, as some never do. */
function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false // No /proc, as on macOS: there every orphan is asked after.
  }
}
