import type { FromRun, ToRun } from './messages.ts'
import type { Remote } from '../session.ts'

/** The runner's side of the link to one run: does for it what goes over the runner's own sockets. */
export class RunRelay {
  readonly #remote: Remote
  readonly #post: (message: ToRun) => void
  readonly #leases = new Set<string>()
  readonly #watches = new Map<string, () => void>()
  /** Settles when every event before has found room. */
  #taken: Promise<unknown> = Promise.resolve()
  #logged = 0

  constructor(remote: Remote, post: (message: ToRun) => void) {
    this.#remote = remote
    this.#post = post
  }

  receive(message: FromRun): void {
    const { events, logs, leases, watcher } = this.#remote
    switch (message.kind) {
      case 'events':
        for (const { json, isState } of message.events) {
          const waiting = events.emitText(json, isState)
          if (waiting) this.#taken = Promise.all([this.#taken, waiting])
        }
        break
      case 'confirm':
        void this.#taken.then(() => events.whenConfirmed()).then(() => this.#post({ kind: 'confirmed' }))
        break
      case 'log':
        logs.add(message.record, () => this.#countLogged())
        break
      case 'flush-logs':
        void logs.flush(0)
        break
      case 'keep-lease':
        this.#leases.add(message.leaseId)
        leases.keep(message.leaseId, message.seconds, (error) => {
          this.#leases.delete(message.leaseId)
          this.#post({ kind: 'lease-lost', leaseId: message.leaseId, reason: error.message })
        })
        break
      case 'drop-lease':
        this.#leases.delete(message.leaseId)
        leases.drop(message.leaseId)
        break
      case 'watch':
        this.#watches.set(message.flowRunId, watcher.watch(message.flowRunId, (type) => this.#post({ kind: 'state', flowRunId: message.flowRunId, type })))
        break
      case 'unwatch':
        this.#watches.get(message.flowRunId)?.()
        this.#watches.delete(message.flowRunId)
    }
  }

  /** The run is over: slots that it did not give back itself are free now, not when their leases end. */
  close(): void {
    for (const stop of this.#watches.values()) stop()
    this.#watches.clear()
    for (const leaseId of this.#leases) {
      this.#remote.leases.drop(leaseId)
      this.#remote.client.releaseLease(leaseId).catch(() => {})
    }
    this.#leases.clear()
  }

  /** One message for all records of a batch. */
  #countLogged(): void {
    if (this.#logged++ > 0) return
    setImmediate(() => {
      this.#post({ kind: 'logged', count: this.#logged })
      this.#logged = 0
    })
  }
}
