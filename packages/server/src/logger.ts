import { pino, type LogFn, type Logger as PinoLogger } from 'pino'
import { LineSink, type LostLines } from './line-sink.ts'
import { RepeatFilter } from './repeat-filter.ts'

export type Logger = PinoLogger

/** Members whose values never go to a log, wherever they stand. */
const secretPaths = ['authorization', 'headers.authorization', 'token', 'password', 'auth_string', 'cookie', 'headers.cookie']

/** Bytes that wait for whoever reads the log; what comes on top of it is dropped and counted. */
const waitingBytesMax = 4 * 1024 * 1024
/** The same warning or error is written once in this time. */
const repeatMs = 1_000
const warning = 40

type OnLost = (why: LostLines | 'repeated', lines: number) => void

/** Standard error, with a bound for what waits to be written there. */
export function logSink(onLost: OnLost = () => {}): LineSink {
  return new LineSink(2, waitingBytesMax, onLost)
}

/**
 * Structured logs, one JSON line each, to standard error; standard output belongs to what a person reads. A log that nobody reads, a
 * full disk or a storm of equal warnings stops nothing: lines are left out, and counted.
 *
 * @param level Prefect's level names.
 * @param onLost Told of warnings that were left out because they repeat.
 */
export function createLogger(level: string, sink: LineSink = logSink(), onLost: OnLost = () => {}): Logger {
  const names: Record<string, string> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' }
  const repeats = new RepeatFilter(repeatMs, () => performance.now())
  return pino(
    {
      level: names[level.toUpperCase()] ?? 'warn',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '********' },
      hooks: {
        logMethod(parts: Parameters<LogFn>, method, number) {
          const repeated = number < warning ? 0 : repeats.admit(keyOf(parts))
          if (repeated === undefined) return onLost('repeated', 1)
          const [first, ...rest] = parts as [unknown, ...string[]]
          // Only here is an object known to be one's own: pino's callers pass a new one each time.
          if (repeated > 0 && typeof first === 'object' && first !== null) method.apply(this, [{ ...first, repeated }, ...rest] as Parameters<LogFn>)
          else method.apply(this, parts)
        },
      },
    },
    sink,
  )
}

/** What makes two lines the same: the text, and for failures what failed. */
function keyOf(parts: readonly unknown[]): string {
  const [first, text] = parts
  if (typeof first !== 'object' || first === null) return String(first)
  const { err, reason } = first as { err?: unknown; reason?: unknown }
  const failure = err instanceof Error ? `${err.name}: ${err.message} ${err.stack?.split('\n', 2)[1] ?? ''}` : ''
  return `${String(text)} ${String(reason ?? '')} ${failure}`
}
