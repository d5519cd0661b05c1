/** One step down into a value: a key of an object, or an index of a list. */
export type PathPart = string | number

/** Says that a value breaks a keyword of a schema. */
export interface SchemaError {
  /** in the words of Python's jsonschema, which clients show */
  message: string
  /** where the value stands, from the value that the parent error is about, or from the root */
  path: PathPart[]
  keyword: string | undefined
  /** the schema that has the keyword */
  schema: unknown
  instance: unknown
  /** for `anyOf` and `oneOf`: the errors of every branch */
  context: SchemaError[]
}

/** A schema whose references lead back to themselves without end, or that nests too deep. */
export class CircularSchemaError extends Error {
  constructor() {
    super('Unable to validate schema with circular references.')
  }
}

/** A reference that leads nowhere; references out of the schema are never followed. */
export class UnresolvableReferenceError extends Error {}

/** A schema that takes too many steps to check. */
export class SchemaTooComplexError extends Error {
  constructor() {
    super('The schema takes too many steps to check.')
  }
}
