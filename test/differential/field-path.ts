/** Splits `results[*].state.type` or `[0][1].id` into its steps; `*` stands for every array item or every key. */
export function stepsOf(fieldPath: string): string[] {
  return fieldPath.split(/[.[\]]+/).filter((step) => step !== '')
}

/** All values that a field path reaches. */
export function valuesAt(value: unknown, fieldPath: string): unknown[] {
  let found: unknown[] = [value]
  for (const step of stepsOf(fieldPath)) {
    found = found.flatMap((item) => {
      if (item === null || typeof item !== 'object') return []
      if (step === '*') return Object.values(item)
      return step in item ? [(item as Record<string, unknown>)[step]] : []
    })
  }
  return found
}

/** Whether a concrete path such as `results[0].id` fits a pattern such as `results[*].id` or `**.id`. */
export function pathMatches(concrete: string, pattern: string): boolean {
  return matchSteps(stepsOf(concrete), stepsOf(pattern))
}

function matchSteps(path: string[], pattern: string[]): boolean {
  const [wanted, ...rest] = pattern
  if (wanted === undefined) return path.length === 0
  if (wanted === '**') {
    for (let skipped = 0; skipped <= path.length; skipped += 1) {
      if (matchSteps(path.slice(skipped), rest)) return true
    }
    return false
  }
  const [first, ...others] = path
  return first !== undefined && (wanted === '*' || wanted === first) && matchSteps(others, rest)
}
