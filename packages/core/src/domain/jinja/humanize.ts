import { parseIso } from '../../wire/time.ts'
import { TemplateTime, numberIn } from './values.ts'

const UNITS: readonly [name: string, seconds: number][] = [
  ['year', 31_536_000], ['month', 2_628_000], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1],
]

/** A length of time in its largest unit: `3 hours`, `a minute`, `a moment`. */
export function naturalDelta(seconds: number): string {
  const size = Math.abs(seconds)
  if (size < 1) return 'a moment'
  for (const [unit, length] of UNITS) {
    const count = Math.floor(size / length)
    if (count > 1) return `${count} ${unit}s`
    if (count === 1) return unit === 'hour' ? 'an hour' : `a ${unit}`
  }
  return 'a moment'
}

/** How long ago, or how far ahead, a time is. */
export function naturalTime(value: unknown, nowUs: number): string {
  const us = value instanceof TemplateTime ? value.us : typeof value === 'string' ? parseIso(value) : undefined
  const ago = us === undefined ? (numberIn(value) ?? 0) : (nowUs - us) / 1_000_000
  if (Math.abs(ago) < 1) return 'now'
  return ago > 0 ? `${naturalDelta(ago)} ago` : `${naturalDelta(ago)} from now`
}

/** Digits in groups of three. */
export function commaGroups(value: unknown): string {
  const number = numberIn(value) ?? Number(value)
  if (!Number.isFinite(number)) return String(value)
  const [whole, fraction] = String(number).split('.') as [string, string?]
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

const WORDS: readonly [word: string, size: number][] = [
  ['trillion', 1e12], ['billion', 1e9], ['million', 1e6], ['thousand', 1e3],
]

export function numberInWords(value: unknown): string {
  const number = numberIn(value)
  if (number === undefined) return String(value)
  for (const [word, size] of WORDS) if (Math.abs(number) >= size) return `${(number / size).toFixed(1)} ${word}`
  return String(number)
}

/** A number of bytes: `1.2 MB`, or `1.2 MiB` in powers of 1024. */
export function fileSize(bytes: number, isBinary: boolean, spelling: 'short' | 'long' = 'short'): string {
  const base = isBinary ? 1024 : 1000
  if (Math.abs(bytes) < base) return bytes === 1 ? '1 Byte' : `${Math.trunc(bytes)} Bytes`
  const units = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
  const power = Math.min(Math.floor(Math.log(Math.abs(bytes)) / Math.log(base)), units.length)
  const letter = units[power - 1]!
  const unit = isBinary ? `${letter.toUpperCase()}iB` : `${spelling === 'short' ? letter : letter.toUpperCase()}B`
  return `${(bytes / base ** power).toFixed(1)} ${unit}`
}
