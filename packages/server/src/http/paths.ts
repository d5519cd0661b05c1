import { isUuid } from '@spillway/core/wire/ids'
import type { Route } from '../routes/route.ts'

/** What to answer where no route took the request: another method, the other slash form, or nothing. */
export type Miss = { kind: 'method'; allow: string } | { kind: 'redirect'; path: string } | { kind: 'none' }

/** Matches paths the way Starlette does, for the answers that a router which only finds hits cannot give. */
export class PathTable {
  readonly #rows: { expression: RegExp; names: string[]; kinds: Readonly<Record<string, string>>; method: string }[]

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
  explainMiss(path: string): Miss {
    const methods = this.#methodsAt(path)
    if (methods.length > 0) return { kind: 'method', allow: methods[0]! }
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    if (this.#methodsAt(other).length > 0) return { kind: 'redirect', path: other }
    return { kind: 'none' }
  }

  #methodsAt(path: string): string[] {
    return this.#rows
      .filter(({ expression, names, kinds }) => {
        const match = expression.exec(path)
        return match !== null && names.every((name, index) => kinds[name] !== 'uuid' || isUuid(match[index + 1]!))
      })
      .map((row) => row.method)
  }
}
