import { formatIso } from '../../wire/time.ts'
import { isJsonObject } from '../json-schema/json-types.ts'
import { TemplateRenderError } from './errors.ts'
import {
  Callable,
  Namespace,
  TemplateTime,
  Undefined,
  formatTime,
  isEqual,
  isString,
  itemsOf,
  numberIn,
  textOf,
  timeParts,
  tupleOf,
  typeName,
  typeError,
} from './values.ts'

type Method<T> = (self: T, args: readonly unknown[]) => unknown

const text = (value: unknown, fallback = ''): string =>
  value === undefined || value === null ? fallback : textOf(value)
const isAny = (self: string, test: (one: string) => boolean, what: unknown): boolean =>
  self !== '' && (Array.isArray(what) ? what : [what]).some((one) => test(textOf(one)))

/** Capitalises every run of letters. */
export function titleCase(value: string): string {
  return value.toLowerCase().replaceAll(/\p{L}+/gu, (word) => word[0]!.toUpperCase() + word.slice(1))
}

/** Strips characters from the ends of a text: white space when none are given. */
export function strip(value: string, characters: unknown, ends: 'both' | 'left' | 'right'): string {
  const isStripped = (character: string) =>
    isString(characters) ? characters.includes(character) : /\s/.test(character)
  let from = 0
  let to = value.length
  if (ends !== 'right') while (from < to && isStripped(value[from]!)) from++
  if (ends !== 'left') while (to > from && isStripped(value[to - 1]!)) to--
  return value.slice(from, to)
}

function split(self: string, [separator, limit]: readonly unknown[]): string[] {
  const most = numberIn(limit) ?? -1
  if (separator === undefined || separator === null) {
    const words = self
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '')
    return most < 0 ? words : [...words.slice(0, most), ...(words.length > most ? [words.slice(most).join(' ')] : [])]
  }
  const parts = self.split(text(separator))
  return most < 0
    ? parts
    : [...parts.slice(0, most), ...(parts.length > most ? [parts.slice(most).join(text(separator))] : [])]
}

const STRING_METHODS: Readonly<Record<string, Method<string>>> = {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  title: titleCase,
  capitalize: (self) => self.slice(0, 1).toUpperCase() + self.slice(1).toLowerCase(),
  strip: (self, [characters]) => strip(self, characters, 'both'),
  lstrip: (self, [characters]) => strip(self, characters, 'left'),
  rstrip: (self, [characters]) => strip(self, characters, 'right'),
  split,
  splitlines: (self) => self.replace(/\n$/, '').split('\n'),
  join: (self, [items]) => itemsOf(items).map(textOf).join(self),
  replace: (self, [from, to]) => boundedReplace(self, text(from), text(to)),
  startswith: (self, [what]) => isAny(self || ' ', (one) => self.startsWith(one), what),
  endswith: (self, [what]) => isAny(self || ' ', (one) => self.endsWith(one), what),
  find: (self, [what]) => self.indexOf(text(what)),
  count: (self, [what]) => self.split(text(what)).length - 1,
  isdigit: (self) => /^\d+$/.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  removeprefix: (self, [prefix]) => (self.startsWith(text(prefix)) ? self.slice(text(prefix).length) : self),
  removesuffix: (self, [suffix]) =>
    text(suffix) !== '' && self.endsWith(text(suffix)) ? self.slice(0, -text(suffix).length) : self,
  zfill: (self, [width]) => self.padStart(Math.min(numberIn(width) ?? 0, 1000), '0'),
}

const TEXT_LENGTH_MAX = 1_000_000

/** Replaces every occurrence; fails rather than build a text of more than a million characters. */
export function boundedReplace(value: string, from: string, to: string): string {
  const occurrences = from === '' ? value.length + 1 : value.split(from).length - 1
  if (value.length + occurrences * to.length > TEXT_LENGTH_MAX)
    throw new TemplateRenderError('OverflowError', 'Text too long.')
  return value.replaceAll(from, () => to)
}

const DICT_METHODS: Readonly<Record<string, Method<Readonly<Record<string, unknown>>>>> = {
  get: (self, [key, fallback]) => (isString(key) && Object.hasOwn(self, key) ? self[key] : (fallback ?? null)),
  keys: (self) => Object.keys(self),
  values: (self) => Object.values(self),
  items: (self) => Object.entries(self).map(tupleOf),
}

const LIST_METHODS: Readonly<Record<string, Method<readonly unknown[]>>> = {
  index: (self, [item]) => self.findIndex((one) => isEqual(one, item)),
  count: (self, [item]) => self.filter((one) => isEqual(one, item)).length,
}

const TIME_METHODS: Readonly<Record<string, Method<TemplateTime>>> = {
  strftime: (self, [pattern]) => formatTime(self, text(pattern)),
  isoformat: (self) => formatIso(self.us).replace(/Z$/, '+00:00'),
  timestamp: (self) => self.us / 1_000_000,
  weekday: (self) => timeParts(self)['weekday'],
}

/** Methods that change their object, which templates may not. */
const CHANGING = new Set([
  'append',
  'clear',
  'extend',
  'insert',
  'pop',
  'popitem',
  'remove',
  'reverse',
  'setdefault',
  'sort',
  'update',
])

function methodsOf(value: unknown): Readonly<Record<string, Method<never>>> {
  if (isString(value)) return STRING_METHODS
  if (Array.isArray(value)) return LIST_METHODS
  if (value instanceof TemplateTime) return TIME_METHODS
  return isJsonObject(value) ? DICT_METHODS : {}
}

function missing(value: unknown, name: string): Undefined {
  return new Undefined(
    value instanceof Undefined ? value.why : `'${typeName(value)} object' has no attribute '${name}'`,
  )
}

/** What `value.name` gives: a method, or else a member. */
export function attributeOf(value: unknown, name: string): unknown {
  const methods = methodsOf(value)
  if (Object.hasOwn(methods, name)) return new Callable(name, (args) => methods[name]!(value as never, args))
  if (value instanceof Namespace && value.members.has(name)) return value.members.get(name)
  if (value instanceof TemplateTime && name in timeParts(value)) return timeParts(value)[name]
  if (isJsonObject(value) && Object.hasOwn(value, name)) return value[name]
  if ((Array.isArray(value) || isJsonObject(value)) && CHANGING.has(name)) {
    throw new TemplateRenderError(
      'SecurityError',
      `access to attribute '${name}' of '${typeName(value)}' object is unsafe.`,
    )
  }
  return missing(value, name)
}

/** What `value[key]` gives. */
export function itemOf(value: unknown, key: unknown): unknown {
  const index = numberIn(key)
  if (index !== undefined && (Array.isArray(value) || isString(value))) {
    const items = itemsOf(value)
    const at = index < 0 ? index + items.length : index
    return at in items ? items[at] : missing(value, textOf(key))
  }
  if (isJsonObject(value) && Object.hasOwn(value, textOf(key))) return value[textOf(key)]
  if (isString(key) && !isJsonObject(value)) return attributeOf(value, key)
  return missing(value, textOf(key))
}

/** What `value[start:stop:step]` gives. */
export function sliceOf(value: unknown, [start, stop, step]: readonly unknown[]): unknown {
  if (!Array.isArray(value) && !isString(value)) return missing(value, 'slice')
  const items = itemsOf(value)
  const stride = step === undefined || step === null ? 1 : (numberIn(step) ?? 1)
  if (stride === 0) throw new TemplateRenderError('ValueError', 'slice step cannot be zero')
  const [low, high] = stride > 0 ? [0, items.length] : [-1, items.length - 1]
  const bound = (given: unknown, fallback: number): number => {
    if (given === undefined || given === null) return fallback
    const index = numberIn(given) ?? typeError('slice indices must be integers or None or have an __index__ method')
    return Math.max(low, Math.min(high, index < 0 ? index + items.length : index))
  }
  const picked: unknown[] = []
  const from = bound(start, stride > 0 ? low : high)
  const to = bound(stop, stride > 0 ? high : low)
  for (let at = from; stride > 0 ? at < to : at > to; at += stride) picked.push(items[at])
  return isString(value) ? picked.join('') : picked
}
