import { inspect } from 'node:util'
import { sdkLimits } from '../limits.ts'

const MASK = '********'
const known = new Set<string>()
let isForgottenTold = false

/**
 * A value that must not show: printing, logging or keeping it shows asterisks; only `get()` gives it. Texts of it are
 * masked in the logs of all runs of this process from then on.
 */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
    rememberTexts(value)
  }

  get(): T {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return `Secret(${MASK})`
  }
}

/** The text with every secret that this process knows replaced. */
export function maskSecrets(text: string): string {
  let masked = text
  for (const secret of known) if (masked.includes(secret)) masked = masked.replaceAll(secret, MASK)
  return masked
}

function rememberTexts(value: unknown): void {
  if (typeof value === 'string') {
    if (value.length < sdkLimits.maskedTextChars) return
    known.add(value)
    if (known.size <= sdkLimits.maskedTexts) return
    known.delete(known.values().next().value!)
    tellForgotten()
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) rememberTexts(part)
  }
}

function tellForgotten(): void {
  if (!isForgottenTold) process.emitWarning(`this process has made secrets of more than ${sdkLimits.maskedTexts} texts; the oldest are not masked in logs any more`, { code: 'SPILLWAY_MASKED_TEXTS' })
  isForgottenTold = true
}
