import { Worker } from 'node:worker_threads'
import { asError } from '../errors.ts'
import type { FromRun, ToRun } from '../link/messages.ts'
import type { ThreadData } from '../link/runner-link.ts'
import { childFile } from './flow-run-process.ts'
import { LastWords, readLines } from './output-lines.ts'
import type { RunExit, RunProcessOptions, StartedRun } from './started-run.ts'

/** One flow run in a thread of the runner's process: quicker to start and smaller, but it shares the runner's memory and fate. */
export class FlowRunThread implements StartedRun {
  readonly flowRunId: string
  readonly pid = undefined
  readonly exited: Promise<RunExit>
  readonly #worker: Worker
  #isKilled = false

  constructor({ flowRunId, entrypoint, env, onLine, onMessage }: RunProcessOptions) {
    this.flowRunId = flowRunId
    this.#worker = new Worker(childFile, {
      name: `run ${flowRunId}`,
      workerData: { flowRunId, entrypoint } satisfies ThreadData,
      env: { ...process.env, ...env } as NodeJS.ProcessEnv,
      stdout: true,
      stderr: true,
    })
    const lastWords = new LastWords()
    readLines(this.#worker.stdout, onLine)
    readLines(this.#worker.stderr, onLine)
    this.#worker.on('message', (message) => onMessage(message as FromRun))
    // An exit always follows.
    this.#worker.on('error', (error) => lastWords.add(`${String((error as NodeJS.ErrnoException).code)} ${asError(error).message}`))
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => resolve({ code, signal: this.#isKilled ? 'SIGKILL' : null, lastWords: lastWords.text }))
    })
  }

  tell(message: ToRun): void {
    this.#worker.postMessage(message)
  }

  kill(): void {
    this.#isKilled = true
    void this.#worker.terminate()
  }
}
