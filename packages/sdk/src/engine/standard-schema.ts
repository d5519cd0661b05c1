/**
 * The interface of Standard Schema (standardschema.dev), which zod, valibot, arktype and others have, as far as it is used
 * here; and of its companion that gives JSON Schema.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-07' }) => Record<string, unknown> } | undefined
  }
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] }

/** What a caller sends. */
export type InputOf<S> = S extends { readonly '~standard': { readonly types?: infer Types } } ? NonNullable<Types> extends { readonly input: infer Input } ? Input : unknown : never

/** What the function gets. */
export type OutputOf<S> = S extends { readonly '~standard': { readonly types?: infer Types } } ? NonNullable<Types> extends { readonly output: infer Output } ? Output : unknown : never

/** Checks a value. @returns the value as the schema makes it, or what is wrong with it. */
export async function validateWith(
  schema: StandardSchema,
  value: unknown,
): Promise<{ ok: true; value: unknown } | { ok: false; issues: { path: string; message: string }[] }> {
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return { ok: true, value: result.value }
  const issues = result.issues.map(({ message, path = [] }) => ({ message, path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') }))
  return { ok: false, issues }
}
