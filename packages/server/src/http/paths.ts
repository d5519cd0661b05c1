import type { PathParam, Route } from '../routes/route.ts'

/** What Starlette takes for a uuid in a path: the dashes may be left out. */
export function isPathUuid(text: string): boolean {
  return /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)
}

/** What to answer where no route took the request: a parameter that is too long for the router, another method, the other slash form, or nothing. */
export type Miss = { kind: 'parameter' } | { kind: 'method'; allow: string } | { kind: 'redirect'; path: string } | { kind: 'none' }

/** Matches paths the way Starlette does, for the answers that a router which only finds hits cannot give. */
export class PathTable {
  readonly #rows: { expression: RegExp; names: string[]; kinds: Readonly<Record<string, PathParam>>; method: string }[]

  constructor(routes: readonly Route[], base: string) {
    this.#rows = routes.map((row) => {
      const names: string[] = []
      const pattern = (base + row.path).replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name: string) => {
        names.push(name)
        return '([^/]+)'
      })
      return { expression: new RegExp(`^${pattern}$`), names, kinds: row.params ?? {}, method: row.method }
    })
  }

  /** @param path without the query. */
  explainMiss(path: string, method: string): Miss {
    const methods = this.#methodsAt(path)
    if (methods.includes(method)) return { kind: 'parameter' }
    if (methods.length > 0) return { kind: 'method', allow: methods[0]! }
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    if (this.#methodsAt(other).length > 0) return { kind: 'redirect', path: other }
    return { kind: 'none' }
  }

  #methodsAt(path: string): string[] {
    return this.#rows
      .filter(({ expression, names, kinds }) => {
        const match = expression.exec(path)
        return match !== null && names.every((name, index) => kinds[name] !== 'uuid' || isPathUuid(match[index + 1]!))
      })
      .map((row) => row.method)
  }
}
