import { CancelledError, ShutdownError } from '../errors.ts'
import type { ToRun } from '../link/messages.ts'
import { executeFlowRun } from './execute.ts'
import type { RunExit, RunProcessOptions, StartedRun } from './started-run.ts'

/** One flow run among the runner's own code: for tests and debuggers. What blocks it blocks the runner, and nothing can kill it. */
export class FlowRunInside implements StartedRun {
  readonly flowRunId: string
  readonly pid = undefined
  readonly exited: Promise<RunExit>
  readonly #controller = new AbortController()
  #leave = (): void => {}

  constructor({ flowRunId, entrypoint }: RunProcessOptions) {
    this.flowRunId = flowRunId
    const left = new Promise<RunExit>((resolve) => {
      this.#leave = () => resolve({ code: null, signal: 'SIGKILL', lastWords: '' })
    })
    const done = executeFlowRun({ flowRunId, entrypoint, signal: this.#controller.signal }).then((): RunExit => ({ code: 0, signal: null, lastWords: '' }))
    this.exited = Promise.race([done, left])
  }

  tell(message: ToRun): void {
    if (message.kind === 'cancel') this.#controller.abort(new CancelledError(message.reason))
    if (message.kind === 'stop') this.#controller.abort(new ShutdownError(message.reason))
  }

  /** Its code goes on as long as it likes; the runner does not wait for it. */
  kill(): void {
    this.#leave()
  }
}
