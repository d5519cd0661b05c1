import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a process that serves tells its session. */
export type FromServing = { readonly kind: 'files'; readonly files: readonly string[] } | { readonly kind: 'serving'; readonly deployments: readonly string[] }

const program = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './serve-files.ts' : './serve-files.js', import.meta.url))
/** After being told to stop its runs, a process has this long until it is killed. */
const STOP_MS = 8000

export interface ServingOptions {
  readonly deployment: string
  readonly files: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Told of the files that flows are made of; a change in one of them calls for another process. */
  readonly onFiles: (files: readonly string[]) => void
}

/** A process that serves the flows of some files. */
export class Serving {
  /** The deployments that it serves; undefined when it ended before, and has said why. */
  readonly started: Promise<readonly string[] | undefined>
  readonly ended: Promise<void>
  readonly #child: ChildProcess

  constructor({ deployment, files, env, onFiles }: ServingOptions) {
    // A process group of its own: Ctrl-C in the terminal reaches the session, which ends things in order.
    this.#child = fork(program, [deployment, ...files], { env, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.ended = new Promise((resolve) => this.#child.once('close', () => resolve()))
    this.started = new Promise((resolve) => {
      this.#child.on('message', (message: FromServing) => {
        if (message.kind === 'files') onFiles(message.files)
        else resolve(message.deployments)
      })
      void this.ended.then(() => resolve(undefined))
    })
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Takes no more runs; those under way go on to their end. */
  retire(): void {
    this.#child.kill('SIGTERM')
  }

  /** Stops what it runs, and ends it. */
  async stop(): Promise<void> {
    // Twice: to take no more runs, and to stop those under way.
    this.#child.kill('SIGTERM')
    this.#child.kill('SIGINT')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.ended
    clearTimeout(timer)
  }
}
