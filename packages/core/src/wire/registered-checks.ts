/**
 * Checks that need more than the wire layer knows (schedules, templates, JSON schemas). The domain layer supplies them
 * at start; until then what they would look at passes.
 */
export interface RegisteredChecks {
  /** A cron line. */
  cron: string
  /** An RRULE text. */
  rrule: string
  /** A Jinja template of an automation's action, with the field it stands in. */
  template: { field: string; text: string }
  /** The parameters of a run-deployment action, which may hold templates. */
  templatedParameters: Record<string, unknown>
  /** The body of a deployment with `enforce_parameter_schema`: its schema, and its parameters against it. */
  deploymentParameters: Record<string, unknown>
}

type CheckFunctions = { [Name in keyof RegisteredChecks]?: (value: RegisteredChecks[Name]) => string | undefined }

const checks: CheckFunctions = {}

/**
 * Supplies a check.
 *
 * @param check returns what is wrong (without the prefix `Value error, `), or undefined
 */
export function setCheck<Name extends keyof RegisteredChecks>(
  name: Name,
  check: (value: RegisteredChecks[Name]) => string | undefined,
): void {
  checks[name] = check as CheckFunctions[Name]
}

/** Runs a check if it has been supplied. */
export function runCheck<Name extends keyof RegisteredChecks>(
  name: Name,
  value: RegisteredChecks[Name],
): string | undefined {
  return (checks[name] as ((value: RegisteredChecks[Name]) => string | undefined) | undefined)?.(value)
}
