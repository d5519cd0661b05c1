import { inspect } from 'node:util'
import { sdkLimits } from '../limits.ts'
import type { Session } from '../session.ts'
import { currentFrame } from './context.ts'
import { consoleSink } from './console-sink.ts'
import { maskSecrets } from './secret.ts'

/** What follows the message of a log record, as JSON. */
export type LogFields = Readonly<Record<string, unknown>>

/** Logs of a run: to the API with the run's id, and to this process's own log. */
export interface RunLogger {
  trace(message: unknown, fields?: LogFields): void
  debug(message: unknown, fields?: LogFields): void
  info(message: unknown, fields?: LogFields): void
  warn(message: unknown, fields?: LogFields): void
  error(message: unknown, fields?: LogFields): void
  fatal(message: unknown, fields?: LogFields): void
  /** A logger that adds these fields to every record. */
  child(fields: LogFields): RunLogger
}

/** Python's numbers, by which the UI filters. */
const LEVELS = { trace: 5, debug: 10, info: 20, warn: 30, error: 40, fatal: 50 } as const

export interface LoggedRun {
  readonly name: 'prefect.flow_runs' | 'prefect.task_runs'
  readonly runName: string
  readonly flowRunId: string | undefined
  readonly taskRunId?: string | undefined
}

export function runLogger(session: Session, run: LoggedRun): RunLogger {
  return loggerOf((level, message) => {
    if (level < session.settings.logLevel) return
    const { runName, ...rest } = run
    const record = { ...rest, level, message, timestampUs: session.clock.nowUs() }
    session.logSink({ ...record, runName })
    if (run.flowRunId !== undefined || run.taskRunId !== undefined) session.remote?.logs.add(record)
  })
}

/** The logger of the run that this code is part of; outside of a run one that writes to the console. */
export function getRunLogger(): RunLogger {
  const frame = currentFrame()
  if (frame) return frame.logger
  const sink = consoleSink()
  return loggerOf((level, message) => sink({ name: 'spillway', level, message, timestampUs: Date.now() * 1000 }))
}

function loggerOf(write: (level: number, message: string) => void, bound: LogFields = {}): RunLogger {
  const at = (level: number) => (message: unknown, fields: LogFields = {}): void => write(level, textOf(message, { ...bound, ...fields }))
  return {
    trace: at(LEVELS.trace),
    debug: at(LEVELS.debug),
    info: at(LEVELS.info),
    warn: at(LEVELS.warn),
    error: at(LEVELS.error),
    fatal: at(LEVELS.fatal),
    child: (fields) => loggerOf(write, { ...bound, ...fields }),
  }
}

/** The wire has no fields, so they follow the message as JSON. */
function textOf(message: unknown, fields: LogFields): string {
  const text = typeof message === 'string' ? message : message instanceof Error ? errorText(message) : inspect(message)
  return maskSecrets(Object.keys(fields).length === 0 ? text : `${text} ${fieldsText(fields)}`)
}

function fieldsText(fields: LogFields): string {
  try {
    return JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? errorText(value) : typeof value === 'bigint' ? String(value) : value))
  } catch {
    return inspect(fields, { depth: 2, breakLength: Infinity })
  }
}

function errorText(error: Error, depth = 0): string {
  const parts = [error.stack ?? `${error.name}: ${error.message}`]
  if (depth === sdkLimits.errorCauses) return parts[0]!
  if (error instanceof AggregateError) parts.push(...error.errors.slice(0, sdkLimits.errorsShown).map((one: unknown) => `One of ${error.errors.length}: ${causeText(one, depth)}`))
  if (error.cause !== undefined) parts.push(`Caused by: ${causeText(error.cause, depth)}`)
  return parts.join('\n')
}

function causeText(cause: unknown, depth: number): string {
  return cause instanceof Error ? errorText(cause, depth + 1) : inspect(cause)
}
