import { pino, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

/** Members whose values never go to a log, wherever they stand. */
const secretPaths = ['authorization', 'headers.authorization', 'token', 'password', 'auth_string', 'cookie', 'headers.cookie']

/**
 * Structured logs, one JSON line each, to standard error; standard output belongs to what a person reads.
 *
 * @param level Prefect's level names.
 */
export function createLogger(level: string): Logger {
  const names: Record<string, string> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' }
  return pino(
    {
      level: names[level.toUpperCase()] ?? 'warn',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '********' },
    },
    // Asynchronous with a bounded buffer: a log pipe that nobody reads must not stop the server.
    pino.destination({ dest: 2, sync: false, maxLength: 4 * 1024 * 1024 }),
  )
}
