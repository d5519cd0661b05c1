/**
 * A name by which a server may know a flow or a deployment.
 *
 * @throws {TypeError} for one with a character that servers do not take in it
 */
export function checkedName(name: string, kind: 'flow' | 'deployment'): string {
  const found = /[/%&<>]/.exec(name)?.[0]
  if (found !== undefined) throw new TypeError(`a ${kind} cannot be named '${name}': servers take no '${found}' in its name, nor any other of / % & < >`)
  return name
}

/** The name of a function in kebab-case: `fetchRows` is `fetch-rows`. @throws {TypeError} when it has none. */
export function nameOf(fn: { readonly name: string }, kind: 'flow' | 'task'): string {
  const isMinified = fn.name.length <= 2 && process.env['NODE_ENV'] === 'production'
  if (fn.name === '' || isMinified) throw new TypeError(`this ${kind} needs a name: ${kind}({ name: '…' }, …), because its function has none${isMinified ? ' that a bundler left' : ''}`)
  return fn.name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[\s_]+/g, '-')
    .toLowerCase()
}
