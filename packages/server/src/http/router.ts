/** A node of the path tree: one segment. */
interface Node<Value> {
  readonly children: Map<string, Node<Value>>
  parameter: Node<Value> | undefined
  readonly byMethod: Map<string, { value: Value; names: readonly string[] }>
}

export interface Found<Value> {
  value: Value
  /** Decoded, under the names that the row's path gives them. */
  params: Record<string, string>
}

function emptyNode<Value>(): Node<Value> {
  return { children: new Map(), parameter: undefined, byMethod: new Map() }
}

/**
 * Finds the row for a path, segment by segment: a fixed segment is preferred to a parameter, and where the fixed one leads to
 * nothing the parameter is tried.
 */
export class Router<Value> {
  readonly #root = emptyNode<Value>()
  readonly #parameterLength: number

  /** @param parameterLength Longest parameter in characters; a longer one matches nothing. */
  constructor(parameterLength: number) {
    this.#parameterLength = parameterLength
  }

  /** @param path In the form `/flows/{id}`. */
  add(method: string, path: string, value: Value): void {
    let node = this.#root
    const names: string[] = []
    for (const segment of path.split('/').slice(1)) {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1]
      if (name === undefined) {
        const child = node.children.get(segment) ?? emptyNode<Value>()
        node.children.set(segment, child)
        node = child
      } else {
        names.push(name)
        node = node.parameter ??= emptyNode<Value>()
      }
    }
    node.byMethod.set(method, { value, names })
  }

  find(method: string, path: string): Found<Value> | undefined {
    const values: string[] = []
    const row = this.#walk(this.#root, path.split('/'), 1, method, values)
    if (!row) return undefined
    return { value: row.value, params: Object.fromEntries(row.names.map((name, index) => [name, values[index] ?? ''])) }
  }

  #walk(node: Node<Value>, segments: readonly string[], at: number, method: string, values: string[]): { value: Value; names: readonly string[] } | undefined {
    if (at === segments.length) return node.byMethod.get(method)
    const segment = segments[at]!
    const child = node.children.get(segment)
    if (child) {
      const found = this.#walk(child, segments, at + 1, method, values)
      if (found !== undefined) return found
    }
    if (!node.parameter || segment === '' || segment.length > this.#parameterLength) return undefined
    const decoded = decode(segment)
    if (decoded === undefined) return undefined
    values.push(decoded)
    const found = this.#walk(node.parameter, segments, at + 1, method, values)
    if (found === undefined) values.pop()
    return found
  }
}

function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
