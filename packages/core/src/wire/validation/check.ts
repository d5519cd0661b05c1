/** One complaint about one place in the input, in the form Prefect's API answers with. */
export interface ValidationError {
  readonly type: string
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly input: unknown
  readonly ctx?: Readonly<Record<string, unknown>>
}

/** An error under construction: `path` runs from the faulty place outwards and is turned round at the end. */
export interface RawError {
  type: string
  path: (string | number)[]
  msg: string
  input: unknown
  ctx?: Record<string, unknown>
}

/** How close an input was to the declared type; a union takes the closest member. */
export const EXACT = 2
export const WIDENED = 1
export const COERCED = 0

/** State of one validation. */
export class Run {
  readonly errors: RawError[] = []
  readonly errorsMax: number
  /** Unknown fields are errors; otherwise they are dropped and `sawUnknown` is set. */
  forbidUnknown: boolean
  sawUnknown = false
  sawForbidden = false
  exactness: number = EXACT
  fieldsSet = 0
  sawModel = false
  depth = 0
  /** Unions inside unions that are being looked at, and how often their members have been tried. */
  unionDepth = 0
  nestedAttempts = 0

  constructor(forbidUnknown: boolean, errorsMax: number) {
    this.forbidUnknown = forbidUnknown
    this.errorsMax = errorsMax
  }

  get isFull(): boolean {
    return this.errors.length >= this.errorsMax
  }

  /** Notes an error at the place being looked at. */
  fail(type: string, msg: string, input: unknown, ctx?: Record<string, unknown>): typeof FAIL {
    if (this.errors.length < this.errorsMax) {
      this.errors.push(ctx === undefined ? { type, path: [], msg, input } : { type, path: [], msg, input, ctx })
    }
    return FAIL
  }

  /** Notes an error at a key of the place being looked at. */
  failAt(key: string | number, type: string, msg: string, input: unknown): typeof FAIL {
    if (this.errors.length < this.errorsMax) this.errors.push({ type, path: [key], msg, input })
    return FAIL
  }

  /** Puts `key` in front of every error noted since `from`. */
  under(from: number, key: string | number): void {
    for (let at = from; at < this.errors.length; at++) this.errors[at]!.path.push(key)
  }

  coerced(): void {
    this.exactness = COERCED
  }

  widened(): void {
    if (this.exactness > WIDENED) this.exactness = WIDENED
  }
}

/** What a check returns in place of a value when it has noted an error. */
export const FAIL: unique symbol = Symbol('invalid')

/** Looks at one value: returns it as it is to be stored, or FAIL after noting what is wrong. */
export type Check = (value: unknown, run: Run) => unknown

/** `'a', 'b' or 'c'`, as enum and literal errors list what they expect. */
export function expectedOneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
  const last = shown.pop() ?? ''
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`
}

/** `1 item`, `2 items`. */
export function counted(count: number, noun: string): string {
  return count === 1 ? `${count} ${noun}` : `${count} ${noun}s`
}
