import { spawn } from 'node:child_process'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { repository } from './command.ts'

/** What is typed once the screen shows something. */
export type Typed = readonly [shown: RegExp, keys: string]

/** Until the command has ended. */
const DEADLINE_MS = 180_000

export const keys = { down: '\u001B[B', enter: '\r', ctrlC: '\u0003' } as const

export interface TerminalOptions {
  readonly columns?: number
  /** One after the other: each waits for what comes after the answer before. */
  readonly typed?: readonly Typed[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Runs the command in a terminal of so many columns, made by `script`, and types. */
export async function inTerminal(args: string, { columns = 100, typed = [], env = {}, cwd }: TerminalOptions): Promise<{ output: string; text: string; code: number | null }> {
  const command = `stty cols ${columns} rows 40; exec '${process.execPath}' --conditions=spillway-source '${path.join(repository, 'packages/cli/src/main.ts')}' ${args}`
  const words = process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qec', command, '/dev/null']
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PREFECT|SPILLWAY|NO_COLOR|FORCE_COLOR|COLUMNS|CI$)/.test(name)))
  const child = spawn('script', words, { env: { ...inherited, TERM: 'xterm-256color', NODE_NO_WARNINGS: '1', ...env }, cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  let seen = 0
  const waiting = [...typed]
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    const [next] = waiting
    if (!next?.[0].test(stripVTControlCharacters(output.slice(seen)))) return
    seen = output.length
    waiting.shift()
    child.stdin.write(next[1])
  })
  if (typed.length === 0) child.stdin.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  if (waiting.length > 0) throw new Error(`${args}: ${String(waiting[0]![0])} was not shown:\n${stripVTControlCharacters(output)}`)
  output = output.replaceAll('\r', '')
  return { output, text: stripVTControlCharacters(output), code }
}
