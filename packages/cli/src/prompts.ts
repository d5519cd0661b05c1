import { confirm, isCancel, select, text } from '@clack/prompts'
import { CommandError, EXIT } from './exit-codes.ts'

/** Questions are not results: they go to where hints go. */
const place = { output: process.stderr, withGuide: false }
/** Choices that are shown at a time; the others come as one moves on. */
const SHOWN_MAX = 12

export interface Choice {
  readonly value: string
  /** Default: the value. */
  readonly label?: string
  /** What is said of it while it is the one that Enter would take. */
  readonly hint?: string
}

/** Lets the user choose one with the arrow keys. */
export async function choose(message: string, choices: readonly Choice[]): Promise<string> {
  const options = choices.map(({ value, label = value, hint }) => ({ value, label, ...(hint === undefined ? {} : { hint }) }))
  return answered(await select<string>({ ...place, message, options, maxItems: SHOWN_MAX }))
}

/**
 * Asks for a line.
 *
 * @param initial what Enter alone takes; without it, a line has to be typed
 */
export async function askFor(message: string, initial?: string): Promise<string> {
  const validate = (line: string | undefined): string | undefined => ((line ?? '').trim() === '' && initial === undefined ? 'Type it, or Ctrl-C to change nothing.' : undefined)
  const line = await text({ ...place, message, validate, ...(initial === undefined ? {} : { placeholder: initial, defaultValue: initial }) })
  return answered(line).trim()
}

/** Asks a question that Enter alone answers with yes. */
export async function agree(message: string): Promise<boolean> {
  return answered(await confirm({ ...place, message }))
}

/** @throws {CommandError} after Ctrl-C */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new CommandError('Nothing was changed.', { exitCode: EXIT.interrupted })
  return answer as Exclude<T, symbol>
}
