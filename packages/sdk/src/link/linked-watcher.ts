import type { StateType } from '@spillway/core/domain/state'
import { FlowRunWatcher, type WatcherOptions } from '../events/flow-run-watcher.ts'
import type { RunnerLink } from './runner-link.ts'

type Call = (type: StateType) => void

/** Hears of the states of runs from the runner, which has one stream for all its runs; without it, from a stream of its own. */
export class LinkedWatcher extends FlowRunWatcher {
  readonly #link: RunnerLink
  /** Who asked, and how to take the watch back that took its place when the runner died. */
  readonly #calls = new Map<string, Map<Call, () => void>>()

  constructor(link: RunnerLink, options: WatcherOptions) {
    super(options)
    this.#link = link
    link.onMessage((message) => {
      if (message.kind === 'state') for (const call of [...(this.#calls.get(message.flowRunId)?.keys() ?? [])]) call(message.type)
    })
    link.onClose(() => {
      for (const [flowRunId, calls] of this.#calls) for (const call of calls.keys()) calls.set(call, super.watch(flowRunId, call))
    })
  }

  override watch(flowRunId: string, call: Call): () => void {
    if (!this.#link.isOpen) return super.watch(flowRunId, call)
    const calls = this.#calls.get(flowRunId) ?? new Map<Call, () => void>()
    if (calls.size === 0) this.#link.send({ kind: 'watch', flowRunId })
    calls.set(call, () => {})
    this.#calls.set(flowRunId, calls)
    return () => {
      calls.get(call)?.()
      calls.delete(call)
      if (calls.size > 0 || this.#calls.get(flowRunId) !== calls) return
      this.#calls.delete(flowRunId)
      this.#link.send({ kind: 'unwatch', flowRunId })
    }
  }
}
