import { inspect } from 'node:util'

const MASK = '********'
/** Shorter texts would mask half of every log. */
const MASKED_CHARS_MIN = 6
/** Texts that are remembered; of more the oldest are let go. */
const KNOWN_MAX = 10_000
const known = new Set<string>()

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
    if (value.length < MASKED_CHARS_MIN) return
    known.add(value)
    if (known.size > KNOWN_MAX) known.delete(known.values().next().value!)
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) rememberTexts(part)
  }
}
