const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** A time of the API as people say it: `2 minutes ago`, `in 3 hours`. */
export function ago(time: string | null | undefined, nowMs = Date.now()): string {
  if (time == null) return ''
  const seconds = Math.round((nowMs - Date.parse(time)) / 1000)
  if (Number.isNaN(seconds)) return time
  if (Math.abs(seconds) < 1) return 'just now'
  const text = longest(Math.abs(seconds))
  return seconds < 0 ? `in ${text}` : `${text} ago`
}

/** A time span with its largest unit alone: `2 minutes`. */
export function longest(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds >= unit) ?? ['second', 1]
  const count = Math.floor(seconds / size)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** A time of the API in local time, to the millisecond: `2026-01-31 09:30:00.123`. */
export function localTime(time: string | undefined): string {
  if (time === undefined) return ''
  const at = new Date(time)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().replace('T', ' ').replace('Z', '')
}
