import { isJsonObject } from '../json-schema/json-types.ts'
import { pythonCanonicalJson } from '../python-json.ts'
import { TemplateRenderError } from './errors.ts'
import { commaGroups, fileSize, naturalDelta, naturalTime, numberInWords } from './humanize.ts'
import { attributeOf, boundedReplace, itemOf, strip, titleCase } from './members.ts'
import { TESTS } from './tests.ts'
import {
  Undefined,
  compareValues,
  floatOf,
  isEqual,
  isFloat,
  isString,
  isTrue,
  itemsOf,
  jsonValueOf,
  lengthOf,
  numberIn,
  reprOf,
  textOf,
  tupleOf,
  typeError,
  typeName,
  type NamedValues,
} from './values.ts'

/** What a filter may use beside its value and arguments. */
export interface FilterContext {
  nowUs: number
  /** Applies another filter by its name, as `map` does. */
  applyFilter(name: string, value: unknown, args: readonly unknown[]): unknown
}

export type TemplateFilter = (value: unknown, args: FilterArguments, context: FilterContext) => unknown

/** Arguments by position or by name. */
export class FilterArguments {
  readonly positional: readonly unknown[]
  readonly named: NamedValues

  constructor(positional: readonly unknown[], named: NamedValues) {
    this.positional = positional
    this.named = named
  }

  get(index: number, name: string, fallback?: unknown): unknown {
    return index < this.positional.length
      ? this.positional[index]
      : this.named.has(name)
        ? this.named.get(name)
        : fallback
  }

  text(index: number, name: string, fallback = ''): string {
    const value = this.get(index, name)
    return value === undefined ? fallback : textOf(value)
  }

  number(index: number, name: string, fallback: number): number {
    return numberIn(this.get(index, name)) ?? fallback
  }

  flag(index: number, name: string, fallback = false): boolean {
    const value = this.get(index, name)
    return value === undefined ? fallback : isTrue(value)
  }
}

const WIDTH_MAX = 10_000

/** Reads `a.b.0` from a value. */
function pathOf(value: unknown, path: unknown): unknown {
  if (numberIn(path) !== undefined) return itemOf(value, path)
  return textOf(path)
    .split('.')
    .reduce((inner, part) => itemOf(inner, /^\d+$/.test(part) ? Number(part) : part), value)
}

function keyOf(args: FilterArguments, index: number, isCaseSensitive: boolean): (value: unknown) => unknown {
  const attribute = args.get(index, 'attribute')
  return (value) => {
    const key = attribute === undefined || attribute === null ? value : pathOf(value, attribute)
    return isString(key) && !isCaseSensitive ? key.toLowerCase() : key
  }
}

function sortBy(items: readonly unknown[], key: (value: unknown) => unknown, isReversed: boolean): unknown[] {
  const direction = isReversed ? -1 : 1
  return [...items].sort((a, b) => direction * compareValues(key(a), key(b)))
}

function extreme(value: unknown, args: FilterArguments, sign: 1 | -1): unknown {
  const key = keyOf(args, 1, args.flag(0, 'case_sensitive'))
  const items = itemsOf(value)
  if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.')
  return items.reduce((best, item) => (sign * compareValues(key(item), key(best)) > 0 ? item : best))
}

function choose(value: unknown, args: FilterArguments, isKept: boolean, hasAttribute: boolean): unknown[] {
  const [attribute, ...rest] = hasAttribute ? args.positional : [undefined, ...args.positional]
  const [name, ...testArgs] = rest
  const test = name === undefined ? isTrue : (one: unknown) => testNamed(textOf(name))(one, testArgs)
  return itemsOf(value).filter((item) => test(hasAttribute ? pathOf(item, attribute) : item) === isKept)
}

function testNamed(name: string): (value: unknown, args: readonly unknown[]) => boolean {
  return (
    TESTS[name] ??
    (() => {
      throw new TemplateRenderError('TemplateRuntimeError', `No test named '${name}'.`)
    })
  )
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escape = (value: unknown): string => textOf(value).replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!)

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#34': '"',
  '#39': "'",
}

/** Takes out what stands between `open` and the next `close`; what is never closed stays. */
function without(text: string, open: string, close: string): string {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const from = text.indexOf(open, at)
    const to = from < 0 ? -1 : text.indexOf(close, from + open.length)
    if (to < 0) break
    parts.push(text.slice(at, from))
    at = to + close.length
  }
  return parts.join('') + text.slice(at)
}

function stripTags(value: unknown): string {
  const text = without(without(textOf(value), '<!--', '-->'), '<', '>')
  const plain = text.replaceAll(/&(\w{1,8}|#\d{1,8});/g, (whole, name: string) => NAMED_ENTITIES[name] ?? whole)
  return plain
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')
}

function truncate(value: unknown, args: FilterArguments): string {
  const text = textOf(value)
  const length = args.number(0, 'length', 255)
  const end = args.text(2, 'end', '...')
  if (text.length <= length + args.number(3, 'leeway', 5)) return text
  const cut = text.slice(0, Math.max(0, length - end.length))
  if (args.flag(1, 'killwords')) return cut + end
  return (cut.includes(' ') ? cut.slice(0, cut.lastIndexOf(' ')) : cut) + end
}

function toJson(value: unknown, args: FilterArguments): string {
  const indent = numberIn(args.get(0, 'indent'))
  const json = jsonValueOf(value)
  const text =
    indent === undefined ? pythonCanonicalJson(json) : indented(json, ' '.repeat(Math.min(Math.max(indent, 0), 40)), '')
  return text.replaceAll(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
}

function indented(value: unknown, step: string, margin: string): string {
  const inner = margin + step
  if (Array.isArray(value) && value.length > 0) {
    return `[\n${value.map((item) => inner + indented(item, step, inner)).join(',\n')}\n${margin}]`
  }
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${inner}${pythonCanonicalJson(key)}: ${indented(value[key], step, inner)}`)
    return `{\n${members.join(',\n')}\n${margin}}`
  }
  return pythonCanonicalJson(value)
}

function round(value: unknown, args: FilterArguments): unknown {
  const number = numberIn(value) ?? typeError(`type ${typeName(value)} doesn't define __round__ method`)
  const method = args.text(1, 'method', 'common')
  const scale = 10 ** Math.max(-20, Math.min(20, args.number(0, 'precision', 0)))
  const scaled = number * scale
  if (method === 'ceil') return floatOf(Math.ceil(scaled) / scale)
  if (method === 'floor') return floatOf(Math.floor(scaled) / scale)
  const rounded = Math.round(scaled)
  // Python rounds a half to the even neighbour.
  const isHalf = Math.abs(scaled - Math.trunc(scaled)) === 0.5
  return floatOf((isHalf && rounded % 2 !== 0 ? rounded - 1 : rounded) / scale)
}

function toInteger(value: unknown, args: FilterArguments): unknown {
  const fallback = args.get(0, 'default', 0)
  const base = args.number(1, 'base', 10)
  const number = numberIn(value)
  if (number !== undefined) return Math.trunc(number)
  if (!isString(value)) return fallback
  const text = value.trim().replaceAll('_', '')
  const parsed =
    base === 10 && /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(text) ? Math.trunc(Number(text)) : parseInt(text, base)
  return base === 10 && !/^[+-]?(\d|\.)/.test(text) ? fallback : Number.isNaN(parsed) ? fallback : parsed
}

function printf(value: unknown, args: FilterArguments): string {
  const values = [...args.positional]
  return textOf(value).replaceAll(
    /%(?:\((\w+)\))?(?:0?(\d{1,3}))?(?:\.(\d{1,2}))?([sdrf%])/g,
    (_, name, width, precision, kind) => {
      if (kind === '%') return '%'
      const given = name === undefined ? values.shift() : args.named.get(name as string)
      const text =
        kind === 'd'
          ? String(Math.trunc(numberIn(given) ?? 0))
          : kind === 'f'
            ? (numberIn(given) ?? 0).toFixed(Number(precision ?? 6))
            : kind === 'r'
              ? reprOf(given)
              : textOf(given)
      return text.padStart(Number(width ?? 0))
    },
  )
}

function quote(text: string, isPath: boolean): string {
  const encoded = encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return isPath ? encoded.replaceAll('%2F', '/') : encoded.replaceAll('%20', '+')
}

function urlEncode(value: unknown): string {
  if (!isJsonObject(value) && !Array.isArray(value)) return quote(textOf(value), true)
  const pairs = isJsonObject(value) ? Object.entries(value) : value.map((pair) => itemsOf(pair))
  return pairs.map(([key, member]) => `${quote(textOf(key), false)}=${quote(textOf(member), false)}`).join('&')
}

function groupBy(value: unknown, args: FilterArguments): unknown[] {
  const attribute = args.get(0, 'attribute')
  const groups: { key: unknown; items: unknown[] }[] = []
  for (const item of sortBy(itemsOf(value), (one) => pathOf(one, attribute), false)) {
    const key = pathOf(item, attribute)
    const last = groups.at(-1)
    if (last && isEqual(last.key, key)) last.items.push(item)
    else groups.push({ key, items: [item] })
  }
  return groups.map(({ key, items }) => tupleOf([key, items]))
}

function indent(value: unknown, args: FilterArguments): string {
  const width = args.get(0, 'width', 4)
  const margin = isString(width) ? width : ' '.repeat(Math.min(numberIn(width) ?? 4, WIDTH_MAX))
  const isFirst = args.flag(1, 'first')
  const isBlank = args.flag(2, 'blank')
  return textOf(value)
    .split('\n')
    .map((line, index) => ((index > 0 || isFirst) && (line !== '' || isBlank) ? margin + line : line))
    .join('\n')
}

function map(value: unknown, args: FilterArguments, context: FilterContext): unknown[] {
  const attribute = args.named.get('attribute')
  const fallback = args.named.get('default')
  if (attribute !== undefined) {
    return itemsOf(value).map((item) => {
      const member = pathOf(item, attribute)
      return member instanceof Undefined && fallback !== undefined ? fallback : member
    })
  }
  const [name, ...rest] = args.positional
  return itemsOf(value).map((item) => context.applyFilter(textOf(name), item, rest))
}

const count: TemplateFilter = (value) => lengthOf(value)
const byDefault: TemplateFilter = (value, args) =>
  value instanceof Undefined || (args.flag(1, 'boolean') && !isTrue(value)) ? args.get(0, 'default_value', '') : value

export const FILTERS: Readonly<Record<string, TemplateFilter>> = {
  abs: (value) => Math.abs(numberIn(value) ?? typeError(`bad operand type for abs(): '${typeName(value)}'`)),
  attr: (value, args) => attributeOf(value, args.text(0, 'name')),
  batch: (value, args) => {
    const items = itemsOf(value)
    const size = Math.max(1, args.number(0, 'linecount', 1))
    const fill = args.get(1, 'fill_with')
    const rows = Array.from({ length: Math.ceil(items.length / size) }, (_, row) =>
      items.slice(row * size, (row + 1) * size),
    )
    const last = rows.at(-1)
    if (last && fill !== undefined && size < WIDTH_MAX)
      rows[rows.length - 1] = [...last, ...Array(size - last.length).fill(fill)]
    return rows
  },
  capitalize: (value) => textOf(value).slice(0, 1).toUpperCase() + textOf(value).slice(1).toLowerCase(),
  center: (value, args) => {
    const text = textOf(value)
    const space = Math.max(0, Math.min(args.number(0, 'width', 80), WIDTH_MAX) - text.length)
    return ' '.repeat(Math.floor(space / 2)) + text + ' '.repeat(Math.ceil(space / 2))
  },
  count,
  length: count,
  default: byDefault,
  d: byDefault,
  dictsort: (value, args) => {
    const at = args.text(1, 'by', 'key') === 'value' ? 1 : 0
    const key = (pair: unknown) => {
      const member = (pair as unknown[])[at]
      return isString(member) && !args.flag(0, 'case_sensitive') ? member.toLowerCase() : member
    }
    return sortBy(isJsonObject(value) ? Object.entries(value) : [], key, args.flag(2, 'reverse')).map((pair) =>
      tupleOf(pair as unknown[]),
    )
  },
  e: escape,
  escape,
  forceescape: escape,
  filesizeformat: (value, args) => fileSize(numberIn(value) ?? Number(textOf(value)), args.flag(0, 'binary')),
  first: (value) =>
    itemsOf(value)[0] ?? (itemsOf(value).length > 0 ? null : new Undefined('No first item, sequence was empty.')),
  float: (value, args) => {
    const number = numberIn(value) ?? (isString(value) && value.trim() !== '' ? Number(value) : NaN)
    return Number.isNaN(number) ? args.get(0, 'default', floatOf(0)) : floatOf(number)
  },
  format: printf,
  groupby: groupBy,
  indent,
  int: toInteger,
  items: (value) => (isJsonObject(value) ? Object.entries(value).map(tupleOf) : []),
  join: (value, args) => {
    const attribute = args.get(1, 'attribute')
    return itemsOf(value)
      .map((item) => textOf(attribute === undefined ? item : pathOf(item, attribute)))
      .join(args.text(0, 'd'))
  },
  last: (value) =>
    itemsOf(value).at(-1) ?? (itemsOf(value).length > 0 ? null : new Undefined('No last item, sequence was empty.')),
  list: (value) => [...itemsOf(value)],
  lower: (value) => textOf(value).toLowerCase(),
  map,
  max: (value, args) => extreme(value, args, 1),
  min: (value, args) => extreme(value, args, -1),
  pprint: (value) => reprOf(value),
  reject: (value, args) => choose(value, args, false, false),
  rejectattr: (value, args) => choose(value, args, false, true),
  replace: (value, args) => boundedReplace(textOf(value), args.text(0, 'old'), args.text(1, 'new')),
  reverse: (value) => (isString(value) ? [...value].reverse().join('') : [...itemsOf(value)].reverse()),
  round,
  safe: (value) => value,
  select: (value, args) => choose(value, args, true, false),
  selectattr: (value, args) => choose(value, args, true, true),
  slice: (value, args) => {
    const items = itemsOf(value)
    const columns = Math.max(1, Math.min(args.number(0, 'slices', 1), WIDTH_MAX))
    const [short, longer] = [Math.floor(items.length / columns), items.length % columns]
    return Array.from({ length: columns }, (_, column) => {
      const from = column * short + Math.min(column, longer)
      return items.slice(from, from + short + (column < longer ? 1 : 0))
    })
  },
  sort: (value, args) =>
    sortBy(itemsOf(value), keyOf(args, 2, args.flag(1, 'case_sensitive')), args.flag(0, 'reverse')),
  string: textOf,
  striptags: stripTags,
  sum: (value, args) => {
    const attribute = args.get(0, 'attribute')
    const items = itemsOf(value).map((item) => (attribute === undefined ? item : pathOf(item, attribute)))
    const total = items.reduce<number>(
      (sum, item) =>
        sum + (numberIn(item) ?? typeError(`unsupported operand type(s) for +: 'int' and '${typeName(item)}'`)),
      args.number(1, 'start', 0),
    )
    return items.some(isFloat) ? floatOf(total) : total
  },
  title: (value) => titleCase(textOf(value)),
  tojson: toJson,
  trim: (value, args) => strip(textOf(value), args.get(0, 'chars'), 'both'),
  truncate,
  unique: (value, args) => {
    const key = keyOf(args, 1, args.flag(0, 'case_sensitive'))
    const seen: unknown[] = []
    return itemsOf(value).filter((item) => {
      if (seen.some((one) => isEqual(one, key(item)))) return false
      seen.push(key(item))
      return true
    })
  },
  upper: (value) => textOf(value).toUpperCase(),
  urlencode: urlEncode,
  wordcount: (value) => textOf(value).match(/\w+/g)?.length ?? 0,
  humanize_intcomma: commaGroups,
  humanize_intword: numberInWords,
  humanize_naturaldelta: (value) => naturalDelta(numberIn(value) ?? 0),
  humanize_naturalsize: (value, args) => fileSize(numberIn(value) ?? 0, args.flag(0, 'binary'), 'short'),
  humanize_naturaltime: (value, _args, { nowUs }) => naturalTime(value, nowUs),
}
