import type { HealthOptions } from '@spillway/sdk'
import { CommandError } from './exit-codes.ts'

export const healthOptionText = 'answer GET /health, /ready and /metrics at PREFECT_RUNNER_SERVER_HOST and _PORT (default: localhost:8080)'

/** Where a command that serves tells how it is, when it is asked to. */
export function healthOf({ withHealthcheck = false }: { readonly withHealthcheck?: boolean }, environment: Readonly<Record<string, string | undefined>>): { health?: HealthOptions } {
  if (!withHealthcheck) return {}
  return { health: { host: environment['PREFECT_RUNNER_SERVER_HOST'] ?? 'localhost', port: Number(environment['PREFECT_RUNNER_SERVER_PORT'] ?? 8080) } }
}

/** A port that is taken is nothing that a stack would explain. */
export function explainedHealth(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string }
  return code === 'health-port' ? new CommandError(`Nothing is served: ${message}`, { cause: error, remedy: 'Choose another port by PREFECT_RUNNER_SERVER_PORT; 0 takes any that is free.' }) : error
}
