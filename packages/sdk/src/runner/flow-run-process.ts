import { fork, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sdkLimits } from '../limits.ts'
import type { FromRun, ToRun } from '../link/messages.ts'
import { LINKED_TO_RUNNER } from '../link/runner-link.ts'
import { LastWords, readLines } from './output-lines.ts'
import type { RunExit, RunProcessOptions, StartedRun } from './started-run.ts'

export const childFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url))

/** The process of one flow run: a group of its own, so that what it starts can be ended with it. */
export class FlowRunProcess implements StartedRun {
  readonly flowRunId: string
  readonly exited: Promise<RunExit>
  readonly #child: ChildProcess
  /** What a command that is given no folder fetches its code into. */
  readonly #ownFolder: string | undefined

  constructor({ flowRunId, entrypoint, command, cwd, env, onLine, onMessage }: RunProcessOptions) {
    this.flowRunId = flowRunId
    this.#ownFolder = command !== undefined && cwd === undefined ? mkdtempSync(path.join(tmpdir(), 'spillway-run-')) : undefined
    const options = { detached: true, cwd: cwd ?? this.#ownFolder }
    const all = { ...process.env, ...env, PREFECT__FLOW_RUN_ID: flowRunId }
    this.#child = command === undefined
      ? fork(childFile, [], { ...options, env: ownEnvironment(all, entrypoint), execArgv: process.execArgv.map(withoutPort), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      : spawn(command, { ...options, env: all, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const lastWords = new LastWords()
    readLines(this.#child.stdout!, onLine)
    readLines(this.#child.stderr!, (line) => {
      lastWords.add(line)
      onLine(line)
    })
    this.#child.on('message', (message) => onMessage(message as FromRun))
    this.exited = this.#whenExited(lastWords).finally(() => this.#removeOwnFolder())
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  tell(message: ToRun): void {
    if (this.#child.connected) this.#child.send(message, () => {})
    else if (message.kind === 'cancel' || message.kind === 'stop') this.#signal('SIGTERM')
  }

  kill(): void {
    this.#signal('SIGKILL')
  }

  #whenExited(lastWords: LastWords): Promise<RunExit> {
    return new Promise((resolve) => {
      const child = this.#child
      child.once('error', (error) => resolve({ code: null, signal: null, lastWords: error.message }))
      child.once('exit', (code, signal) => {
        const end = (): void => resolve({ code, signal, lastWords: lastWords.text })
        // What the run has started must not outlive it, and may hold its output open.
        this.kill()
        child.once('close', end)
        setTimeout(end, sdkLimits.outputEndMs).unref()
      })
    })
  }

  async #removeOwnFolder(): Promise<void> {
    if (this.#ownFolder !== undefined) await rm(this.#ownFolder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, name)
    } catch {
      // Nothing of the group is left.
    }
  }
}

function ownEnvironment(env: Readonly<Record<string, string | undefined>>, entrypoint: string | undefined): Record<string, string | undefined> {
  return {
    ...env,
    [LINKED_TO_RUNNER]: '1',
    ...(entrypoint === undefined ? {} : { SPILLWAY__ENTRYPOINT: entrypoint }),
    ...(env['NODE_OPTIONS'] === undefined ? {} : { NODE_OPTIONS: env['NODE_OPTIONS'].split(' ').map(withoutPort).join(' ') }),
  }
}

/** `--inspect` of the parent would want the same port; with 0 each child gets one of its own. The address stays. */
export function withoutPort(argument: string): string {
  const [, option, address = ''] = /^(--inspect(?:-brk|-wait|-port)?)(?:=(.*))?$/.exec(argument) ?? []
  if (option === undefined) return argument
  const host = address.replace(/(^|:)\d+$/, '')
  return `${option}=${host === '' ? '' : `${host}:`}0`
}
