import type { Static, TObject, TOptional, TProperties, TSchema, TUnsafe } from 'typebox'

export type { Static, TSchema }

/**
 * Options of our own that any schema may carry beside JSON Schema's. They steer validation and never reach a document.
 */
export interface FieldOptions<T = unknown> {
  /** Value of a field that is absent, in any form the field takes (`PT0S`). A field with a default is not required. */
  default?: unknown
  /** Makes the value of a field that is absent, where it must be fresh each time or is not shown in documents. */
  makeDefault?: () => T
  /** Changes the input before it is looked at. */
  before?: (value: unknown) => unknown
  /** Complains about the raw input, before it is looked at. */
  beforeCheck?: (value: unknown) => string | undefined
  /** Complains about the checked value. */
  check?: (value: T) => string | undefined
  /** Changes the checked value. */
  after?: (value: T) => unknown
  /** What a union calls this member in the place of an error, where that cannot be derived. */
  label?: string
  /** Null and other empty inputs become null, which says: make a value up. */
  emptyIsNull?: boolean
  description?: string
  deprecated?: boolean
  additionalProperties?: boolean
  /** Of a dict: what its keys look like; documented, not checked. */
  propertyNames?: { format: string }
  /** Of a setting: the variables it is read from. */
  supported_environment_variables?: readonly string[]
}

interface TextOptions<T = string> extends FieldOptions<T> {
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  writeOnly?: boolean
  contentMediaType?: string
  wrongType?: { type: string; msg: string }
  countsItems?: boolean
  strict?: boolean
}

interface NumberOptions extends FieldOptions<number> {
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  strict?: boolean
  format?: string
}

interface ListOptions<T> extends FieldOptions<T[]> {
  minItems?: number
  maxItems?: number
  /** Faults of an input that is no array are worded as for any Python sequence. */
  isSequence?: boolean
}

// The schemas are TypeBox's in form and type. They are made here, without its run-time: that is 11 MB in each thread.
function schema<T>(json: object, options: object = {}): TUnsafe<T> {
  return { ...json, ...options } as unknown as TUnsafe<T>
}

/** An object without a name of its own. Fields made by `mayBeAbsent` are not required. */
export function object<P extends TProperties>(fields: P, options: object = {}): TObject<P> {
  const required = Object.keys(fields).filter((name) => !('~optional' in fields[name]!))
  return { type: 'object', required, properties: fields, ...options } as unknown as TObject<P>
}

export function text(options?: TextOptions): TUnsafe<string> {
  return schema<string>({ type: 'string' }, options)
}

export function integer(options?: NumberOptions): TUnsafe<number> {
  return schema<number>({ type: 'integer' }, options)
}

export function float(options?: NumberOptions): TUnsafe<number> {
  return schema<number>({ type: 'number' }, options)
}

export function boolean(options?: FieldOptions<boolean> & { strict?: boolean }): TUnsafe<boolean> {
  return schema<boolean>({ type: 'boolean' }, options)
}

/** UUID in any spelling; the value is lower-case text with dashes. */
export function uuid(options?: FieldOptions<string>): TUnsafe<string> {
  return schema<string>({ type: 'string', format: 'uuid' }, options)
}

/**
 * ISO-8601 text or unix time; the value is canonical UTC text.
 *
 * @param options.keepsOffset the value stays in the offset in which it is given
 * @param options.isNative faults are worded as pydantic's own parser words them, as few fields need it
 */
export function dateTime(options?: FieldOptions<string> & { keepsOffset?: true; isNative?: true }): TUnsafe<string> {
  return schema<string>({ type: 'string', format: 'date-time' }, options)
}

/** Seconds or ISO-8601 text; the value is float seconds, not negative when `forwardOnly`. */
export function duration(options?: FieldOptions<number> & { forwardOnly?: boolean }): TUnsafe<number> {
  return schema<number>({ type: 'string', format: 'duration' }, options)
}

/** Any JSON value. */
export function any(options?: FieldOptions): TUnsafe<unknown> {
  return schema<unknown>({}, options)
}

/** Only null. */
export function none(): TUnsafe<null> {
  return schema<null>({ type: 'null' })
}

export function list<T extends TSchema>(items: T, options?: ListOptions<NoInfer<Static<T>>>): TUnsafe<Static<T>[]> {
  return schema<Static<T>[]>({ type: 'array', items }, options)
}

/** Values without order or repetition; an array on the wire and in the value. */
export function setOf<T extends TSchema>(items: T, options?: ListOptions<NoInfer<Static<T>>>): TUnsafe<Static<T>[]> {
  return schema<Static<T>[]>({ type: 'array', items, uniqueItems: true }, options)
}

export function tuple<T>(items: readonly TSchema[], options?: object): TUnsafe<T> {
  return schema<T>({ type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length }, options)
}

/** An object with free keys and values of one kind. */
export function dict<T extends TSchema>(
  values: T,
  options?: FieldOptions<Record<string, NoInfer<Static<T>>>>,
): TUnsafe<Record<string, Static<T>>> {
  return schema<Record<string, Static<T>>>({ type: 'object', additionalProperties: values }, options)
}

/** Any JSON object. */
export function jsonObject(options?: FieldOptions<Record<string, unknown>>): TUnsafe<Record<string, unknown>> {
  return schema<Record<string, unknown>>({ type: 'object', additionalProperties: true }, options)
}

/** One of some values, written in place: errors are of type `literal_error`. */
export function literal<const V extends string>(
  values: readonly V[],
  options?: FieldOptions<V> & { shown?: string },
): TUnsafe<V> {
  const form = values.length === 1 ? { const: values[0] } : { enum: values }
  return schema<V>({ type: 'string', ...form }, options)
}

/**
 * Any of several schemas; the input takes the one that fits best.
 *
 * @param options.objectsAs what objects are checked with before any member is tried, in a list too where a member is one
 */
export function anyOf<const T extends readonly TSchema[]>(
  members: T,
  options?: FieldOptions<Static<T[number]>> & { objectsAs?: TSchema },
): TUnsafe<Static<T[number]>> {
  return schema<Static<T[number]>>({ anyOf: members.flatMap(unionMembers) }, options)
}

/** A union inside a union counts as its members, as it does on the wire. */
function unionMembers(member: TSchema): TSchema[] {
  const inner = member as { anyOf?: TSchema[]; $id?: string; check?: unknown }
  return inner.anyOf !== undefined && inner.$id === undefined && inner.check === undefined ? inner.anyOf : [member]
}

/** `inner` or null; required unless a default is given. */
export function nullable<T extends TSchema>(
  inner: T,
  options?: FieldOptions<Static<T> | null>,
): TUnsafe<Static<T> | null> {
  return schema<Static<T> | null>({ anyOf: [...unionMembers(inner), none()] }, options)
}

/** `inner` or null, and null when absent. */
export function optional<T extends TSchema>(
  inner: T,
  options?: FieldOptions<Static<T> | null>,
): TUnsafe<Static<T> | null> {
  return nullable(inner, { default: null, ...options })
}

const registry = new Map<string, TSchema>()

/** Gives a schema the component name under which documents refer to it. */
export function named<T extends TSchema>(name: string, inner: T): T {
  if (registry.has(name)) throw new Error(`There are two schemas called ${name}`)
  const withName = { ...inner, $id: name } as T
  registry.set(name, withName)
  return withName
}

/** The schema of a component name; undefined when its file has not been imported. */
export function schemaNamed(name: string): TSchema | undefined {
  return registry.get(name)
}

/** Names of all components of the files imported so far. */
export function schemaNames(): string[] {
  return [...registry.keys()]
}

/** A named list of allowed texts: errors are of type `enum`. */
export function enumOf<const V extends string>(name: string, values: readonly V[]): TUnsafe<V> {
  return named(name, schema<V>({ type: 'string', enum: values }))
}

interface ModelOptions<T> extends Omit<FieldOptions<T>, 'default'> {
  /** What is done with keys the model does not have; `ignore` unless said otherwise. */
  extra?: 'forbid' | 'ignore' | 'allow'
}

/** A named object. Fields with a default are not required. */
export function model<P extends TProperties>(
  name: string,
  fields: P,
  options: ModelOptions<Static<TObject<P>>> = {},
): TObject<P> {
  const { extra = 'ignore', ...rest } = options
  const additional = extra === 'ignore' ? {} : { additionalProperties: extra === 'allow' }
  return named(name, object(fields, { ...additional, ...rest }))
}

/** A named object that refuses keys it does not have (unless unknown fields are tolerated). */
export function strictModel<P extends TProperties>(
  name: string,
  fields: P,
  options: Omit<ModelOptions<Static<TObject<P>>>, 'extra'> = {},
): TObject<P> {
  return model(name, fields, { ...options, extra: 'forbid' })
}

/** The body of a route that takes several parameters in it: unknown keys are ignored and null means the default. */
export function bodyParameters<P extends TProperties>(name: string, fields: P): TObject<P> {
  return named(name, object(fields, { bodyParameters: true }))
}

/** A schema with some options changed; a named one keeps its name. */
export function withOptions<T extends TSchema>(inner: T, options: object): T {
  return { ...inner, ...options } as T
}

/** A field that need not be sent and is null then; null itself is only taken where null means the default. */
export function absentIsNull<T extends TSchema>(inner: T): TUnsafe<Static<T> | null> {
  return { ...inner, default: null } as unknown as TUnsafe<Static<T> | null>
}

/** A field that need not be sent; then it is what an empty object of its schema would be. */
export function absentIsEmpty<T extends TSchema>(inner: T): T {
  return { ...inner, absentIsEmpty: true } as T
}

/** A field that need not be sent and is missing in the value then. */
export function mayBeAbsent<T extends TSchema>(inner: T): TOptional<T> {
  // Not enumerable: it never reaches a document, nor a schema that is made out of this one.
  return Object.defineProperty({ ...inner }, '~optional', { value: true }) as unknown as TOptional<T>
}

/** Fresh default of a list. */
export function emptyList(): never[] {
  return []
}

/** Fresh default of an object. */
export function emptyObject(): Record<string, never> {
  return {}
}

/** A named schema that is declared later, or is inside itself. */
export function later<T>(name: string, options?: FieldOptions<T>): TUnsafe<T> {
  return schema<T>({ $ref: name }, options)
}
