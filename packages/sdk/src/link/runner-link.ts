import { parentPort, workerData } from 'node:worker_threads'
import type { FromRun, ToRun } from './messages.ts'

/** In the environment of a process that a runner of this package has started, and that may talk to it. */
export const LINKED_TO_RUNNER = 'SPILLWAY__LINKED_TO_RUNNER'

/** What a runner hands to the thread of a run. */
export interface ThreadData {
  readonly flowRunId: string
  readonly entrypoint: string | undefined
}

type Post = (message: FromRun, sent: () => void) => void

/**
 * The channel to the runner, at the side of the run: its process or thread. What is sent is in the runner's hands also when
 * this process ends right after it; when the runner ends, the link closes, and whoever uses it goes on by itself.
 */
export class RunnerLink {
  readonly #post: Post
  readonly #listeners = new Set<(message: ToRun) => void>()
  readonly #closers = new Set<() => void>()
  #isOpen = true
  #buffered = 0

  constructor(post: Post) {
    this.#post = post
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Characters handed over that have not left this process. */
  get buffered(): number {
    return this.#buffered
  }

  /** @param size roughly, in characters */
  send(message: FromRun, size = 100): void {
    if (!this.#isOpen) return
    this.#buffered += size
    this.#post(message, () => (this.#buffered -= size))
  }

  onMessage(call: (message: ToRun) => void): void {
    this.#listeners.add(call)
  }

  /** Calls back when the runner is gone. */
  onClose(call: () => void): void {
    this.#closers.add(call)
  }

  /** @internal */
  receive(message: ToRun): void {
    for (const listen of this.#listeners) listen(message)
  }

  /** @internal */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#buffered = 0
    for (const call of this.#closers) call()
  }
}

/** The link of this process or thread to its runner; undefined when it has none, or one that speaks otherwise. */
export function linkToRunner(): RunnerLink | undefined {
  return linkOfThread() ?? linkOfProcess()
}

function linkOfProcess(): RunnerLink | undefined {
  const isLinked = process.env[LINKED_TO_RUNNER] !== undefined
  // Processes that user code starts are not linked, whatever channel they have.
  delete process.env[LINKED_TO_RUNNER]
  if (!isLinked || !process.send) return undefined
  const link = new RunnerLink((message, sent) => {
    if (!process.connected) return link.close()
    process.send!(message, undefined, {}, () => sent())
  })
  process.on('message', (message: ToRun) => link.receive(message))
  process.once('disconnect', () => link.close())
  // The channel alone must not keep the process alive.
  process.channel?.unref()
  return link
}

function linkOfThread(): RunnerLink | undefined {
  if (!parentPort || !isThreadData(workerData)) return undefined
  const link = new RunnerLink((message, sent) => {
    parentPort!.postMessage(message)
    sent()
  })
  parentPort.on('message', (message: ToRun) => link.receive(message))
  parentPort.unref()
  return link
}

/** Whether what a thread was started with is a run. */
export function isThreadData(data: unknown): data is ThreadData {
  return typeof data === 'object' && data !== null && 'flowRunId' in data
}
