import type { Answer } from './normalise.ts'

/** One place where two answers differ. `field` is `status`, `headers.<name>` or a path that starts with `body`. */
export type Difference = {
  field: string
  expected: unknown
  actual: unknown
}

/** Stands for "this field is not there". */
export const absent = '<absent>'

/** All places where two normalised answers differ, field by field. */
export function compareAnswers(expected: Answer, actual: Answer): Difference[] {
  return differences(expected, actual, '')
}

function differences(expected: unknown, actual: unknown, field: string): Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const found: Difference[] = []
    if (expected.length !== actual.length) {
      found.push({ field: `${field}.length`, expected: expected.length, actual: actual.length })
    }
    for (let index = 0; index < Math.min(expected.length, actual.length); index += 1) {
      found.push(...differences(expected[index], actual[index], `${field}[${index}]`))
    }
    return found
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...keys].flatMap((key) => {
      const path = field === '' ? key : `${field}.${key}`
      return differences(own(expected, key), own(actual, key), path)
    })
  }
  return Object.is(expected, actual) ? [] : [{ field, expected, actual }]
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : absent
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
