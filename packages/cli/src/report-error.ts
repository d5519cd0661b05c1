import { CommandError, EXIT } from './exit-codes.ts'

/** Told of whatever was called wrongly. */
export const HELP_AFTER_ERROR = "'--help' after any word shows what it takes."

/** What is told of an error, and how the process ends with it. */
interface Report {
  readonly message: string
  readonly remedy?: string | undefined
  readonly exitCode: number
}

/**
 * Tells the user of an error, on stderr. `SPILLWAY_DEBUG=1` adds the stack and the causes.
 *
 * @param isJson whether it is told as the last line's JSON object, for programs
 * @returns the exit code
 */
export function reportError(error: unknown, env: NodeJS.ProcessEnv = process.env, isJson = false): number {
  const { message, remedy, exitCode } = reportOf(error, isJson)
  if (isJson && message !== '') process.stderr.write(`${JSON.stringify({ error: message, remedy: remedy ?? null, exit_code: exitCode })}\n`)
  else if (message !== '') process.stderr.write(`${message}\n${remedy === undefined ? '' : `${remedy}\n`}`)
  if (env['SPILLWAY_DEBUG'] === '1' && error instanceof Error) console.error(error)
  return exitCode
}

/** Errors of the SDK are known by their codes, so that its files are not loaded for them. */
function reportOf(error: unknown, isJson: boolean): Report {
  if (error instanceof CommandError) return error
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failed }
  const { code, exitCode, status, body } = error as Error & { code?: string; exitCode?: number; status?: number; body?: string }
  // Commander has printed its own message; its help, asked for or not, is no error of ours.
  if (code?.startsWith('commander.')) {
    const said = code === 'commander.help' ? 'no command is named' : error.message.replace(/^error: /, '')
    if (exitCode === 0) return { message: '', exitCode: EXIT.ok }
    return { message: isJson ? said : '', remedy: isJson ? HELP_AFTER_ERROR : undefined, exitCode: EXIT.usage }
  }
  if (code === 'api-unreachable') {
    // The route that happened to be the first is of no use to people.
    const [, place, why] = /^[A-Z]+ (https?:\/\/\S+?\/api)\/\S* failed: (.+)$/s.exec(error.message) ?? []
    return {
      message: place === undefined ? `The server does not answer: ${error.message}` : `The server at ${place} does not answer: ${why}`,
      remedy: "Is it running, and is PREFECT_API_URL right? 'spillway config view' shows where the address comes from, 'spillway server status' looks at it.",
      exitCode: EXIT.unreachable,
    }
  }
  if (code === 'api-error') return apiReport(error.message, status ?? 0, body ?? '')
  if (error.name === 'AbortError') return { message: 'Interrupted.', exitCode: EXIT.interrupted }
  return { message: `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`, remedy: 'SPILLWAY_DEBUG=1 shows where it comes from.', exitCode: EXIT.failed }
}

function apiReport(message: string, status: number, body: string): Report {
  const said = detailOf(body)
  // No thing is missing but the route: there is another server, or another path of it.
  if (status === 404 && (said === 'Not Found' || said === undefined)) {
    return {
      message: `The server has no such route: ${message.replace(/ was answered .*/s, '')}`,
      remedy: "Is PREFECT_API_URL right? It ends in /api, as in http://127.0.0.1:4200/api; 'spillway config view' shows where it comes from.",
      exitCode: EXIT.notFound,
    }
  }
  if (status === 404) return { message: said ?? message, exitCode: EXIT.notFound }
  if (status === 401 || status === 403) {
    return {
      message: `The server does not let this in (${status}${said ? `: ${said}` : ''}).`,
      remedy: 'Set PREFECT_API_AUTH_STRING (or PREFECT_API_KEY) to what the server asks for.',
      exitCode: EXIT.notAllowed,
    }
  }
  if (status === 422) return { message: `The server does not take this: ${said ?? body.slice(0, 500)}`, exitCode: EXIT.usage }
  return { message: said === undefined ? message : `The server answered ${status}: ${said}`, exitCode: EXIT.failed }
}

/** The words of an answer in one of the shapes that the API has for errors. */
function detailOf(body: string): string | undefined {
  let answer: { detail?: unknown; exception_message?: unknown; exception_detail?: unknown }
  try {
    answer = JSON.parse(body) as typeof answer
  } catch {
    return undefined
  }
  const list = [answer?.exception_detail, answer?.detail].find((value) => Array.isArray(value)) as { loc?: unknown[]; msg?: string }[] | undefined
  if (list) return list.map(({ loc = [], msg = '' }) => `${loc.filter((part) => part !== 'body').join('.')}: ${msg}`).join('; ')
  const text = answer?.detail ?? answer?.exception_message
  return typeof text === 'string' ? text : undefined
}
