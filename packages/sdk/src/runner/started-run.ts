import type { FromRun, ToRun } from '../link/messages.ts'

/** Where a run happens: in a process of its own, in a thread of the runner, or among the runner's own code. */
export type Isolation = 'process' | 'thread' | 'none'

export interface RunProcessOptions {
  readonly flowRunId: string
  readonly entrypoint?: string
  /** A command for the shell, for runs that are not ours. */
  readonly command?: string | undefined
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  /** Gets the lines that it prints. */
  readonly onLine: (line: string) => void
  /** Gets what it asks of its runner. */
  readonly onMessage: (message: FromRun) => void
}

/** A run that has been started, wherever that is. */
export interface StartedRun {
  readonly flowRunId: string
  readonly pid: number | undefined
  readonly exited: Promise<RunExit>
  tell(message: ToRun): void
  /** Ends it and whatever it has started, at once. */
  kill(): void
}

export interface RunExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it wrote to standard error. */
  readonly lastWords: string
}

/** Why a process ended that did not report a state, in words for the state. */
export function crashMessage({ code, signal, lastWords }: RunExit): string {
  if (/heap out of memory|Allocation failed|ERR_WORKER_OUT_OF_MEMORY/.test(lastWords)) return 'Flow run process ran out of memory (raise it with NODE_OPTIONS=--max-old-space-size=…).'
  if (signal === 'SIGKILL') return 'Flow run process was killed (SIGKILL); a machine that is out of memory does that.'
  if (signal !== null) return `Flow run process was ended by ${signal}.`
  if (code === 0) return 'Flow run process ended without reporting a state; user code may have called process.exit().'
  return `Flow run process exited with non-zero status code ${code ?? 'unknown'}.`
}
