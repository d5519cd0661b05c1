import { formatIso } from '@spillway/core/wire/time'
import type { LogRecord } from '../events/log-sender.ts'

/** Takes every log record of runs on this side. */
export type LogSink = (record: LogRecord & { readonly runName?: string | undefined }) => void

const LABELS: readonly (readonly [number, string])[] = [
  [50, 'CRITICAL'],
  [40, 'ERROR'],
  [30, 'WARN'],
  [20, 'INFO'],
  [0, 'DEBUG'],
]

/** Lines on the standard error stream, so that what a program prints stays its own. */
export function consoleSink(write: (line: string) => void = (line) => process.stderr.write(line)): LogSink {
  return ({ level, message, timestampUs, name, runName }) => {
    const label = LABELS.find(([least]) => level >= least)![1]
    write(`${formatIso(timestampUs).slice(11, 23)} | ${label.padEnd(5)} | ${runName ?? name} - ${message}\n`)
  }
}
