import type { Call } from './call.ts'
import { valuesAt } from './field-path.ts'

const reference = /@\{([^}]+)\}/g
const onlyReference = /^@\{([^}]+)\}$/
const relativeTime = /^now([+-]\d+)?$/

/** What the references of a list stand for while it runs. */
export type Bindings = {
  startedMs: number
  answers: Map<string, unknown>
}

/** The call with its references filled in. */
export function fillIn(call: Call, bindings: Bindings): Call {
  const filled: Call = { ...call, path: String(fillText(call.path, bindings)) }
  if (call.body !== undefined) filled.body = fillValue(call.body, bindings)
  if (call.socket) filled.socket = fillValue(call.socket, bindings) as NonNullable<Call['socket']>
  if (call.raw !== undefined) filled.raw = String(fillText(call.raw, bindings))
  if (call.headers) filled.headers = fillValue(call.headers, bindings) as Record<string, string>
  return filled
}

/** The ISO text for `now+60` and the like. */
export function relativeTimeText(offsetSeconds: number, startedMs: number): string {
  return new Date(startedMs + offsetSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** All offsets that a call mentions, in seconds. */
export function relativeTimesIn(call: Call): number[] {
  const offsets: number[] = []
  for (const match of JSON.stringify(call).matchAll(reference)) {
    const time = relativeTime.exec(match[1] ?? '')
    if (time) offsets.push(Number(time[1] ?? 0))
  }
  return offsets
}

function fillValue(value: unknown, bindings: Bindings): unknown {
  if (typeof value === 'string') return fillText(value, bindings)
  if (Array.isArray(value)) return value.map((item) => fillValue(item, bindings))
  if (value !== null && typeof value === 'object') {
    const filled = Object.entries(value).map(([key, item]) => {
      return [String(fillText(key, bindings)), fillValue(item, bindings)] as const
    })
    return Object.fromEntries(filled)
  }
  return value
}

function fillText(text: string, bindings: Bindings): unknown {
  const whole = onlyReference.exec(text)
  if (whole) return resolve(whole[1] ?? '', bindings)
  return text.replace(reference, (_, name: string) => String(resolve(name, bindings)))
}

function resolve(name: string, bindings: Bindings): unknown {
  const time = relativeTime.exec(name)
  if (time) return relativeTimeText(Number(time[1] ?? 0), bindings.startedMs)
  const dot = name.search(/[.[]/)
  const label = dot < 0 ? name : name.slice(0, dot)
  if (!bindings.answers.has(label)) return `missing-${label}`
  const rest = dot < 0 ? '' : name.slice(dot).replace(/^\./, '')
  const found = valuesAt(bindings.answers.get(label), rest)
  // An answer without the field shows as a difference of its own; later calls go on with a recognisable text.
  return found.length > 0 ? found[0] : `missing-${label}`
}
