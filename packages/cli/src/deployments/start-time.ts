import { misused } from '../reads.ts'

/**
 * When a run is to start, in the words that people use: `5 minutes`, `2 days`, `5:30pm`, `tomorrow 9am`, `2026-08-01 17:30`.
 * Times are local ones, and those without a day are the next ones of their kind.
 */
export async function startTime({ startIn, startAt }: { startIn?: string | undefined; startAt?: string | undefined }, now = new Date()): Promise<Date> {
  if (startIn !== undefined && startAt !== undefined) throw misused('--start-in and --start-at cannot both be given.')
  if (startIn === undefined && startAt === undefined) return now
  const option = startIn === undefined ? '--start-at' : '--start-in'
  const said = (startIn ?? startAt)!.trim()
  const text = startIn === undefined ? said.replace(/^at\s+/i, '') : `in ${said.replace(/^in\s+/i, '')}`
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return exactTime(text, option)
  const { parse } = await import('chrono-node')
  const [found, ...others] = parse(text, now, { forwardDate: true })
  // The parser looks for times in prose; here nothing else may stand beside one.
  if (!found || others.length > 0 || found.text.length !== text.length) throw notATime(option, said)
  return found.date()
}

function exactTime(text: string, option: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw notATime(option, text)
  return time
}

function notATime(option: string, said: string): Error {
  return misused(`${option} '${said}' is not understood.`, option === '--start-in' ? "Write a time span, such as --start-in '10 minutes'." : "Write a time, such as --start-at '5:30pm', '2026-08-01 17:30' or '2026-08-01T17:30:00Z'.")
}
