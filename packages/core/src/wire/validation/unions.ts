import { EXACT, FAIL } from './check.ts'
import type { Check, Run } from './check.ts'
import { isPlainObject } from './containers.ts'

export interface UnionMember {
  readonly label: string
  readonly check: Check
}

/**
 * Tries of members of unions inside unions. Each level of nesting multiplies them, so that a small hostile input could
 * ask for more work than there is time.
 */
const NESTED_ATTEMPTS_MAX = 20_000

interface Attempt {
  readonly value: unknown
  readonly exactness: number
  readonly fieldsSet: number | undefined
  readonly sawUnknown: boolean
}

/** null or what `inner` takes. */
export function nullableCheck(inner: Check): Check {
  return (value, run) => (value === null ? null : inner(value, run))
}

function isCloser(next: Attempt, best: Attempt): boolean {
  if (next.fieldsSet !== undefined && best.fieldsSet !== undefined && next.fieldsSet !== best.fieldsSet) {
    return next.fieldsSet > best.fieldsSet
  }
  return next.exactness > best.exactness
}

/**
 * The member that fits best: an exact fit at once, else the one that used most fields, else the one that had to change
 * least. Members that forbid unknown fields are told apart by them even when unknown fields are tolerated: only if none
 * fits strictly is the input tried again with tolerance.
 */
export function unionCheck(members: readonly UnionMember[]): Check {
  return (value, run) => {
    const outer = { exactness: run.exactness, fieldsSet: run.fieldsSet, sawModel: run.sawModel }
    const tolerant = !run.forbidUnknown
    const before = run.errors.length
    run.forbidUnknown = true
    run.sawForbidden = false
    let best = tryMembers(members, value, run)
    if (tolerant) {
      run.forbidUnknown = false
      if (best === undefined && run.sawForbidden) {
        run.errors.length = before
        best = tryMembers(members, value, run)
      }
    }
    if (best === undefined) {
      run.exactness = outer.exactness
      return FAIL
    }
    run.errors.length = before
    if (best.sawUnknown) run.sawUnknown = true
    run.exactness = Math.min(outer.exactness, best.exactness)
    run.fieldsSet = outer.fieldsSet + (best.fieldsSet ?? 0)
    run.sawModel = outer.sawModel || best.fieldsSet !== undefined
    return best.value
  }
}

function tryMembers(members: readonly UnionMember[], value: unknown, run: Run): Attempt | undefined {
  let best: Attempt | undefined
  const { depth, sawUnknown } = run
  run.unionDepth += 1
  for (const { label, check } of members) {
    if (run.unionDepth > 1 && ++run.nestedAttempts > NESTED_ATTEMPTS_MAX) {
      run.fail('value_error', 'Value error, Too many alternatives inside alternatives', null, { error: {} })
      break
    }
    run.exactness = EXACT
    run.fieldsSet = 0
    run.sawModel = false
    run.sawUnknown = false
    run.depth = depth
    const from = run.errors.length
    // A failure must leave a trace even when the error budget is spent, or a bad value would pass.
    const checked = check(value, run)
    if (checked === FAIL) {
      run.under(from, label)
      continue
    }
    const fieldsSet = run.sawModel ? run.fieldsSet : undefined
    const attempt = { value: checked, exactness: run.exactness, fieldsSet, sawUnknown: run.sawUnknown }
    if (best === undefined || isCloser(attempt, best)) best = attempt
    if (attempt.exactness === EXACT && fieldsSet === undefined) break
  }
  run.unionDepth -= 1
  run.sawUnknown = sawUnknown
  run.depth = depth
  return best
}

/** A union that looks at objects, and where it has a list at the objects in it, with one check before all members. */
export function objectsFirstCheck(object: Check, union: Check, hasList: boolean): Check {
  return (value, run) => {
    if (isPlainObject(value)) return object(value, run)
    if (hasList && Array.isArray(value)) {
      for (const item of value) if (isPlainObject(item) && object(item, run) === FAIL) return FAIL
    }
    return union(value, run)
  }
}

export interface TaggedUnion {
  readonly tagName: string
  readonly members: ReadonlyMap<string, Check>
}

/** A union whose member is named by a field of the input. */
export function taggedUnionCheck({ tagName, members }: TaggedUnion): Check {
  const expected = [...members.keys()].map((tag) => `'${tag}'`).join(', ')
  return (value, run) => {
    if (!isPlainObject(value)) {
      return run.fail(
        'model_attributes_type',
        'Input should be a valid dictionary or object to extract fields from',
        value,
      )
    }
    const tag = value[tagName]
    const discriminator = `'${tagName}'`
    if (!Object.hasOwn(value, tagName)) {
      const msg = `Unable to extract tag using discriminator ${discriminator}`
      return run.fail('union_tag_not_found', msg, value, { discriminator })
    }
    const member = typeof tag === 'string' ? members.get(tag) : undefined
    if (member === undefined) {
      const shown = typeof tag === 'string' ? tag : JSON.stringify(tag)
      const found = `Input tag '${shown}' found using ${discriminator}`
      const msg = `${found} does not match any of the expected tags: ${expected}`
      return run.fail('union_tag_invalid', msg, value, { discriminator, tag: shown, expected_tags: expected })
    }
    const from = run.errors.length
    const checked = member(value, run)
    if (checked === FAIL) run.under(from, tag as string)
    return checked
  }
}

