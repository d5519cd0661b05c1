import { fork, spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** To the process of a run. */
export type ToChild = { readonly kind: 'cancel' | 'stop'; readonly reason: string }

export interface RunProcessOptions {
  readonly flowRunId: string
  readonly entrypoint?: string
  /** A command for the shell, for runs that are not ours. */
  readonly command?: string | undefined
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  /** Gets the lines that it prints. */
  readonly onLine: (line: string) => void
}

export interface RunExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it wrote to standard error. */
  readonly lastWords: string
}

const childFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url))
/** Longest line that is passed on, and how much of the end of standard error is kept. */
const LINE_CHARS_MAX = 16_384
const LAST_WORDS_CHARS = 4096

/** The process of one flow run: a group of its own, so that what it starts can be ended with it. */
export class FlowRunProcess {
  readonly flowRunId: string
  readonly exited: Promise<RunExit>
  readonly #child: ChildProcess

  constructor({ flowRunId, entrypoint, command, cwd, env, onLine }: RunProcessOptions) {
    this.flowRunId = flowRunId
    const options = {
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env, PREFECT__FLOW_RUN_ID: flowRunId, ...(entrypoint === undefined ? {} : { SPILLWAY__ENTRYPOINT: entrypoint }) },
    }
    // `--inspect` of the parent would want the same port; with 0 each child gets one of its own.
    const execArgv = process.execArgv.map((argument) => argument.replace(/^(--inspect(?:-brk)?)(?:=.*)?$/, '$1=0'))
    this.#child = command === undefined
      ? fork(childFile, [], { ...options, execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      : spawn(command, { ...options, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let lastWords = ''
    readLines(this.#child.stdout!, onLine)
    readLines(this.#child.stderr!, (line) => {
      lastWords = `${lastWords}${line}\n`.slice(-LAST_WORDS_CHARS)
      onLine(line)
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ code: null, signal: null, lastWords: error.message }))
      this.#child.once('close', (code, signal) => resolve({ code, signal, lastWords }))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Tells the process to end its run, in the way that the reason says. */
  tell(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => {})
    else this.signal('SIGTERM')
  }

  /** Signals the process and whatever it has started. */
  signal(name: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, name)
    } catch {
      // Nothing of the group is left.
    }
  }
}

/** Why a process ended that did not report a state, in words for the state. */
export function crashMessage({ code, signal, lastWords }: RunExit): string {
  if (/heap out of memory|Allocation failed/.test(lastWords)) return 'Flow run process ran out of memory (raise it with NODE_OPTIONS=--max-old-space-size=…).'
  if (signal === 'SIGKILL') return 'Flow run process was killed (SIGKILL); a machine that is out of memory does that.'
  if (signal !== null) return `Flow run process was ended by ${signal}.`
  if (code === 0) return 'Flow run process ended without reporting a state; user code may have called process.exit().'
  return `Flow run process exited with non-zero status code ${code ?? 'unknown'}.`
}

/** Cuts long lines, so that a line without end costs no memory. */
function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  let isCut = false
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (!isCut) onLine(line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}… (cut)` : line)
      isCut = false
    }
    if (rest.length <= LINE_CHARS_MAX) return
    if (!isCut) onLine(`${rest.slice(0, LINE_CHARS_MAX)}… (cut)`)
    isCut = true
    rest = ''
  })
  stream.on('end', () => {
    if (rest !== '' && !isCut) onLine(rest)
  })
}
