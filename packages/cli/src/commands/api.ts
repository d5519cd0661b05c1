import { fstatSync, readFileSync } from 'node:fs'
import type { HttpAnswer, HttpMethod } from '@spillway/sdk'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { repeated, withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const withBody: readonly string[] = ['POST', 'PUT', 'PATCH']

export function apiCommand(command: Command): void {
  command
    .argument('<method>', METHODS.join(', '))
    .argument('<path>', 'path below PREFECT_API_URL, such as /flows/filter')
    .option('--data <json>', 'body: JSON, @file, or - for the standard input (default: what is piped in, else {} where a body belongs)')
    .option('-H, --header <header>', "header as 'Name: value'; may be repeated", repeated)
    .option('-v, --verbose', 'show the headers of request and answer, on stderr')
    .action(withCli(call))
}

interface ApiOptions {
  readonly data?: string
  readonly header?: readonly string[]
  readonly verbose?: boolean
}

async function call(cli: Cli, givenMethod: string, path: string, { data, header = [], verbose }: ApiOptions): Promise<void> {
  const method = givenMethod.toUpperCase()
  if (!METHODS.includes(method)) throw new CommandError(`'${givenMethod}' is no method of HTTP.`, { remedy: `It is one of ${METHODS.join(', ')}.`, exitCode: EXIT.usage })
  const body = bodyOf(method, data)
  const client = await cli.client()
  const target = path.startsWith('/') ? path : `/${path}`
  if (verbose) for (const line of [`> ${method} ${client.apiUrl}${target}`, ...header.map((one) => `> ${one.replace(/^(authorization:).*/i, '$1 ********')}`)]) cli.note(line)
  const answer = await client.send(method as HttpMethod, target, body, { headers: headersOf(header) })
  if (verbose) for (const line of [`< ${answer.status}`, ...Object.entries(answer.headers).map(([name, value]) => `< ${name}: ${String(value)}`)]) cli.note(line)
  if (answer.status >= 400) {
    const { errorOfAnswer } = await import('@spillway/sdk')
    if (answer.text !== '') cli.note(answer.text)
    throw errorOfAnswer(`${method} ${target}`, answer.status, answer.text)
  }
  if (answer.text !== '') cli.print(textOf(answer))
}

/** On a terminal JSON is indented; else the body goes out as it came. */
function textOf({ headers, text }: HttpAnswer): string {
  const isJson = String(headers['content-type'] ?? '').includes('json')
  return isJson && process.stdout.isTTY ? JSON.stringify(JSON.parse(text), null, 2) : text.replace(/\n$/, '')
}

function bodyOf(method: string, data: string | undefined): string | undefined {
  const text = data === undefined ? pipedIn(method) : data === '-' || data === '@-' ? readFileSync(0, 'utf8') : data.startsWith('@') ? fileText(data.slice(1)) : data
  if (text === undefined) return withBody.includes(method) ? '{}' : undefined
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new CommandError(`The body is not JSON: ${(cause as Error).message}`, { exitCode: EXIT.usage, cause })
  }
  return text
}

function pipedIn(method: string): string | undefined {
  if (!withBody.includes(method)) return undefined
  const input = fstatSync(0)
  const text = input.isFIFO() || input.isFile() ? readFileSync(0, 'utf8') : ''
  return text.trim() === '' ? undefined : text
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CommandError(`The file of the body cannot be read: ${(cause as Error).message}`, { exitCode: EXIT.usage, cause })
  }
}

function headersOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf(':')
    if (at <= 0) throw new CommandError(`'${line}' is no header.`, { remedy: "Write it as 'Name: value'.", exitCode: EXIT.usage })
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
  }))
}
