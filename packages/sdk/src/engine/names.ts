/** The name of a function in kebab-case: `fetchRows` is `fetch-rows`. @throws {TypeError} when it has none. */
export function nameOf(fn: { readonly name: string }, kind: 'flow' | 'task'): string {
  const isMinified = fn.name.length <= 2 && process.env['NODE_ENV'] === 'production'
  if (fn.name === '' || isMinified) throw new TypeError(`this ${kind} needs a name: ${kind}({ name: '…' }, …), because its function has none${isMinified ? ' that a bundler left' : ''}`)
  return fn.name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[\s_]+/g, '-')
    .toLowerCase()
}
