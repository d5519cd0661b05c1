/*
 * Texts that nobody writes as arguments: parameters of overloads that never match have them as types, so that the compiler's message
 * says what is missing. It is about the last overload that takes so many arguments, so these stand last.
 */

type RequiredKey<Input> = { [Key in keyof Input]-?: Record<string, never> extends Pick<Input, Key> ? never : Key }[keyof Input] & string

/** For a call with a flow alone. */
export type MissingName = "a second argument with the name of the deployment is missing: runDeployment(flow, 'name')"

/** For a call with a flow and one argument more, which is no name, or should be followed by parameters. */
export type MissingParameters<Input> = [RequiredKey<Input>] extends [never]
  ? "the name of the deployment, which comes before parameters: runDeployment(flow, 'name')"
  : `a third argument with the parameter '${RequiredKey<Input>}' is missing: runDeployment(flow, 'name', { ${RequiredKey<Input>} })`
