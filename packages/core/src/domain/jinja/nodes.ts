/** A filter or a test with its arguments, as in `| join(', ')` and `is divisibleby 3`. */
export interface Arguments {
  positional: Expression[]
  named: [name: string, value: Expression][]
}

export type Expression =
  | { kind: 'literal'; value: unknown }
  | { kind: 'name'; name: string; line: number }
  | { kind: 'list' | 'tuple'; items: Expression[] }
  | { kind: 'dict'; entries: [Expression, Expression][] }
  | { kind: 'attribute'; of: Expression; name: string }
  | { kind: 'item'; of: Expression; key: Expression }
  | { kind: 'slice'; of: Expression; parts: (Expression | undefined)[] }
  | { kind: 'call'; of: Expression; args: Arguments }
  | { kind: 'filter'; of: Expression | undefined; name: string; args: Arguments }
  | { kind: 'test'; of: Expression; name: string; args: Arguments }
  | { kind: 'unary'; operator: '-' | '+' | 'not'; of: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'compare'; first: Expression; rest: [operator: string, right: Expression][] }
  | { kind: 'choice'; condition: Expression; then: Expression; otherwise: Expression | undefined }

/** What a value is given to: a name, names in a row, or a member of a namespace. */
export type Target =
  { kind: 'name'; name: string } | { kind: 'tuple'; items: Target[] } | { kind: 'member'; of: string; name: string }

export interface MacroParameter {
  name: string
  initial: Expression | undefined
}

export type Statement =
  | { kind: 'text'; text: string }
  | { kind: 'print'; value: Expression }
  | {
      kind: 'for'
      target: Target
      source: Expression
      condition: Expression | undefined
      body: Statement[]
      otherwise: Statement[]
    }
  | { kind: 'if'; branches: { condition: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | { kind: 'set'; target: Target; value: Expression }
  | { kind: 'set-block'; target: Target; filters: Expression | undefined; body: Statement[] }
  | { kind: 'with'; values: { target: Target; value: Expression }[]; body: Statement[] }
  | { kind: 'filter-block'; filters: Expression; body: Statement[] }
  | { kind: 'macro'; name: string; parameters: MacroParameter[]; body: Statement[] }
  | { kind: 'scope'; body: Statement[] }
  /** other templates, of which there are none */
  | { kind: 'load' }
