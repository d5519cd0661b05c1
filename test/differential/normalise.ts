import type { Call } from './call.ts'
import { pathMatches, valuesAt } from './field-path.ts'
import { relativeTimeText } from './substitute.ts'

/** What is compared of one answer. */
export type Answer = {
  status: number
  headers: Record<string, string>
  body: unknown
}

const uuidText = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const isoText = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/g
const canonicalIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/
const generatedName = /^[a-z]+-[a-z]+$/
const nameFields = new Set(['name', 'label', 'prefect.resource.name', 'flow_run_name'])
/** Sets by nature: the real server gives them in any order. */
const unorderedFields = new Set(['tags', 'pause_keys'])
/** Estimates that are read within moments of what they estimate: 0 or a little more. */
const estimateFields = new Set(['estimated_run_time', 'estimated_start_time_delta'])
const smallSeconds = 30
const measuredFields = new Set([
  'estimated_run_time',
  'estimated_start_time_delta',
  'total_run_time',
  'duration',
  'lateness',
  'time_in_current_state',
  'avg_slot_occupancy_seconds',
])
const keptTextLength = 4000
const dayMs = 24 * 3600 * 1000

/**
 * Turns the answers of one list into texts that two servers can be compared by: ids are named by the call and the field
 * in which they are first seen, as in `<id #12 state.id>`, times near the present become `<time>`, generated run names
 * `<name>`, and measured durations `<seconds>`. What the calls themselves contain stays as it is.
 */
export class Normaliser {
  private readonly ids = new Map<string, string>()
  private readonly times = new Map<string, string>()
  private readonly sent: string
  private readonly startedMs: number
  private readonly origin: string
  private callIndex = -1

  constructor(options: { calls: Call[]; offsetsSeconds: number[]; startedMs: number; origin: string }) {
    this.sent = JSON.stringify(options.calls)
    this.startedMs = options.startedMs
    this.origin = options.origin
    for (const offset of options.offsetsSeconds) {
      const sign = offset < 0 ? '' : '+'
      this.times.set(relativeTimeText(offset, options.startedMs), `<now${sign}${offset}>`)
    }
  }

  /** Normalises the answers of the list's calls, which have to come in order. */
  answer(call: Call, raw: Answer): Answer {
    this.callIndex += 1
    const chosen = choose(call, raw.body)
    const body = call.shapeDepth === undefined ? this.value(chosen, '', call) : shapeOf(chosen, call.shapeDepth)
    const headers = Object.entries(raw.headers).map(([name, text]) => [name, this.text(text, '', name)] as const)
    return { status: raw.status, headers: Object.fromEntries(headers), body }
  }

  private value(value: unknown, at: string, call: Call): unknown {
    if (typeof value === 'string') return this.text(value, lastKey(at), at)
    if (typeof value === 'number') return this.number(value, lastKey(at))
    if (Array.isArray(value)) {
      const isUnordered = call.unordered?.some((pattern) => pathMatches(at, pattern === '.' ? '' : pattern))
      const items = isUnordered || unorderedFields.has(lastKey(at)) ? this.sorted(value) : value
      return items.map((item, index) => this.value(item, `${at}[${index}]`, call))
    }
    if (value !== null && typeof value === 'object') {
      const result: Record<string, unknown> = {}
      // Sorted, so that ids are numbered alike whatever the order of keys.
      for (const key of this.sortedKeys(value)) {
        const path = at === '' ? key : `${at}.${key}`
        result[this.text(key, '', `key ${path}`)] = this.value((value as Record<string, unknown>)[key], path, call)
      }
      return result
    }
    return value
  }

  private sortedKeys(value: object): string[] {
    const known = (key: string): string => key.replace(uuidText, (id) => this.ids.get(id) ?? id)
    return Object.keys(value).sort((a, b) => (known(a) < known(b) ? -1 : 1))
  }

  /** In an order that does not depend on ids and times which have not been seen before. */
  private sorted(items: unknown[]): unknown[] {
    const keyed = items.map((item) => ({ item, key: this.sortKey(item) }))
    return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item)
  }

  private sortKey(item: unknown): string {
    const text = JSON.stringify(item, (_, value: unknown) => {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    })
    return text.replace(uuidText, (id) => this.ids.get(id) ?? (this.sent.includes(id) ? id : '')).replace(isoText, '')
  }

  private number(value: number, field: string): unknown {
    if (field.startsWith('sum_estimated_')) return '<seconds>'
    if (estimateFields.has(field) && Math.abs(value) < smallSeconds) return '<seconds>'
    return measuredFields.has(field) && !Number.isInteger(value) ? '<seconds>' : value
  }

  private text(text: string, field: string, at: string): string {
    if (text.length > keptTextLength) return `<${text.length} characters>`
    if (nameFields.has(field) && generatedName.test(text) && !this.sent.includes(text)) return '<name>'
    return text
      .replaceAll(this.origin, '<origin>')
      .replace(uuidText, (id) => this.id(id, at))
      .replace(isoText, (time) => this.time(time))
      .replace(/page-token=[^"&\s]+/, 'page-token=<token>')
  }

  private id(id: string, at: string): string {
    if (this.sent.includes(id)) return id
    const known = this.ids.get(id)
    if (known) return known
    const fresh = `<id #${this.callIndex} ${at}>`
    this.ids.set(id, fresh)
    return fresh
  }

  private time(time: string): string {
    const relative = this.times.get(time)
    if (relative) return relative
    const hasZone = time.includes('Z') || /[+-]\d\d:?\d\d$/.test(time)
    const distance = Math.abs(Date.parse(hasZone ? time : `${time}Z`) - this.startedMs)
    if (!(distance < dayMs * 2) || this.sent.includes(time)) return time
    return canonicalIso.test(time) ? '<time>' : '<time in another form>'
  }
}

function choose(call: Call, body: unknown): unknown {
  if (!call.pick) return body
  return Object.fromEntries(call.pick.map((fieldPath) => [fieldPath, valuesAt(body, fieldPath)]))
}

function shapeOf(value: unknown, depth: number): unknown {
  if (value === null) return '<null>'
  if (typeof value !== 'object') return `<${typeof value}>`
  if (depth === 0) return Array.isArray(value) ? '<array>' : '<object>'
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0], depth - 1)]
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, shapeOf((value as Record<string, unknown>)[key], depth - 1)]))
}

function lastKey(at: string): string {
  const withoutIndex = at.replace(/(\[\d+\])+$/, '')
  // Keys may hold dots themselves: event labels such as `prefect.resource.name`.
  for (const field of nameFields) if (field.includes('.') && withoutIndex.endsWith(field)) return field
  return withoutIndex.slice(withoutIndex.lastIndexOf('.') + 1)
}
