import { parseIso } from '@spillway/core/wire/time'
import type { SqlParam } from '../port.ts'

/** A piece of a WHERE clause with its parameters in order. */
export interface Condition {
  readonly text: string
  readonly params: readonly SqlParam[]
}

export const always: Condition = { text: '1 = 1', params: [] }
export const never: Condition = { text: '1 = 0', params: [] }

export function condition(text: string, ...params: SqlParam[]): Condition {
  return { text, params }
}

export function allOf(conditions: readonly Condition[]): Condition {
  return join(conditions, ' and ')
}

/** True when there is none, as Prefect's empty filters are. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return join(conditions, ' or ')
}

function join(conditions: readonly Condition[], operator: string): Condition {
  if (conditions.length === 0) return always
  if (conditions.length === 1) return conditions[0]!
  return {
    text: `(${conditions.map((c) => c.text).join(operator)})`,
    params: conditions.flatMap((c) => c.params),
  }
}

export function not(inner: Condition): Condition {
  return { text: `not (${inner.text})`, params: inner.params }
}

/** Wraps a condition in text around it: `exists (select … where <inner>)`. */
export function around(before: string, inner: Condition, after: string): Condition {
  return { text: before + inner.text + after, params: inner.params }
}

/** `column in (list)` with one parameter whatever the list's length, so that statements stay few. */
export function isIn(column: string, values: readonly (string | number)[]): Condition {
  if (values.length === 1) return condition(`${column} = ?`, values[0]!)
  return condition(`${column} in (select value from json_each(?))`, JSON.stringify(values))
}

/** A validated filter object off the wire; nulls and absent members mean "no condition". */
export type Filter = Readonly<Record<string, unknown>>

/** How one member of a filter turns into a condition; undefined when it says nothing, which counts as true. */
export type LeafCompiler = (leaf: Filter) => Condition | undefined

/** What a compiler returns for a leaf that counts as if it were not there at all. */
export const dropped: Condition = { text: '', params: [] }

/**
 * Compiles an object whose members are leaves, honouring its `operator` (`and_` by default).
 * A member that says nothing counts as true, and so makes an `or_` true, as in Prefect.
 */
export function compileFilter(filter: Filter | null | undefined, leaves: Readonly<Record<string, LeafCompiler>>): Condition {
  if (!filter) return always
  const conditions: Condition[] = []
  for (const [name, compile] of Object.entries(leaves)) {
    const leaf = filter[name] as Filter | null | undefined
    if (!leaf) continue
    const compiled = compile(leaf) ?? always
    if (compiled !== dropped) conditions.push(compiled)
  }
  return filter['operator'] === 'or_' ? anyOf(conditions) : allOf(conditions)
}

/** Joins a leaf's own conditions, honouring the leaf's `operator` when it has one. */
function combine(leaf: Filter, conditions: readonly Condition[]): Condition {
  return leaf['operator'] === 'or_' ? anyOf(conditions) : allOf(conditions)
}

/** any_, not_any_, like_, startswith_, exists_, is_null_, eq_, ge_, le_ on one column. */
export function columnLeaf(column: string): LeafCompiler {
  return (leaf) => {
    const conditions: Condition[] = []
    const list = (name: string): (string | number)[] | undefined => (leaf[name] as (string | number)[] | null) ?? undefined
    const any = list('any_')
    if (any) conditions.push(any.length === 0 ? never : isIn(column, any))
    const notAny = list('not_any_')
    if (notAny && notAny.length > 0) conditions.push(not(isIn(column, notAny)))
    const like = leaf['like_'] as string | null | undefined
    if (like) conditions.push(condition(`lower(${column}) like lower(?)`, `%${like}%`))
    const prefixes = list('startswith_')
    if (prefixes && prefixes.length > 0) {
      conditions.push(anyOf(prefixes.map((prefix) => condition(`lower(${column}) like lower(?)`, `${prefix}%`))))
    }
    const exists = leaf['exists_'] as boolean | null | undefined
    if (typeof exists === 'boolean') conditions.push(condition(`${column} is ${exists ? 'not ' : ''}null`))
    conditions.push(...nullness(leaf, column))
    const equal = leaf['eq_'] as boolean | null | undefined
    if (typeof equal === 'boolean') conditions.push(condition(`${column} = ?`, equal ? 1 : 0))
    const atLeast = leaf['ge_'] as number | null | undefined
    if (typeof atLeast === 'number') conditions.push(condition(`${column} >= ?`, atLeast))
    const atMost = leaf['le_'] as number | null | undefined
    if (typeof atMost === 'number') conditions.push(condition(`${column} <= ?`, atMost))
    return combine(leaf, conditions)
  }
}

/** before_ and after_ (both inclusive) on `column`, is_null_ on `nullColumn`. */
export function timeLeaf(column: string, nullColumn = column): LeafCompiler {
  return (leaf) => {
    const conditions: Condition[] = []
    const before = leaf['before_'] as string | null | undefined
    if (before) conditions.push(condition(`${column} <= ?`, parseIso(before) ?? 0))
    const after = leaf['after_'] as string | null | undefined
    if (after) conditions.push(condition(`${column} >= ?`, parseIso(after) ?? 0))
    conditions.push(...nullness(leaf, nullColumn))
    return allOf(conditions)
  }
}

/** all_, any_ and is_null_ on a column that holds a JSON array of texts. */
export function tagsLeaf(column: string): LeafCompiler {
  return (leaf) => {
    const conditions: Condition[] = []
    const all = leaf['all_'] as string[] | null | undefined
    for (const tag of all ?? []) {
      conditions.push(condition(`exists (select 1 from json_each(${column}) where value = ?)`, tag))
    }
    const any = leaf['any_'] as string[] | null | undefined
    if (any) {
      conditions.push(any.length === 0 ? never : around(`exists (select 1 from json_each(${column}) where `, isIn('value', any), ')'))
    }
    const isNull = leaf['is_null_'] as boolean | null | undefined
    if (typeof isNull === 'boolean') conditions.push(condition(`${column} ${isNull ? '=' : '<>'} '[]'`))
    return combine(leaf, conditions)
  }
}

function nullness(leaf: Filter, column: string): Condition[] {
  const isNull = leaf['is_null_'] as boolean | null | undefined
  return typeof isNull === 'boolean' ? [condition(`${column} is ${isNull ? '' : 'not '}null`)] : []
}
