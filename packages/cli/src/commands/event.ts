import { appendFile } from 'node:fs/promises'
import type { ReceivedEvent } from '@spillway/core/wire/events'
import { Option, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { repeated, subcommand, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { misused } from '../reads.ts'
import { openSession } from '../session.ts'
import { jsonObject } from '../values.ts'

interface StreamOptions {
  readonly format: 'json' | 'text'
  readonly outputFile?: string
  readonly runOnce?: boolean
  readonly account?: boolean
  readonly event?: string[]
  readonly resource?: string[]
  readonly since?: string
}

interface EmitOptions {
  readonly resource?: string[]
  readonly resourceId?: string
  readonly related?: string
  readonly payload?: string
}

export function eventCommands(group: Command): void {
  subcommand(
    group,
    'stream',
    'Print events as they come, one a line. The stream is opened again when it ends, and goes on where it was.',
    'spillway event stream',
    'spillway event stream --format text --event prefect.flow-run.* --since 15m',
  )
    .addOption(new Option('--format <format>', 'a line of JSON, or time, name and resource').choices(['json', 'text']).default('json'))
    .option('--output-file <path>', 'append them to this file')
    .option('--run-once', 'end after the first one')
    .option('--event <name>', 'only events of this name; prefect.flow-run.* are all that begin so; may be repeated', repeated)
    .option('--resource <id>', 'only events about this resource; with * at the end all that begin so; may be repeated', repeated)
    .option('--since <time>', 'also what was: 15m, 2h, or a time')
    .addOption(new Option('--account', 'a whole account; this server has only one workspace').hideHelp())
    .action(withCli(stream))

  subcommand(
    group,
    'emit <event>',
    'Emit an event; it is stored when the command ends.',
    'spillway event emit user.logged_in --resource-id user-123',
    `spillway event emit order.shipped --resource-id order-456 --payload '{"tracking": "ABC123"}'`,
    `spillway event emit order.paid --resource '{"prefect.resource.id": "order-7", "prefect.resource.name": "Order 7"}'`,
  )
    .option('-r, --resource <label>', "label of the resource as key=value, or all of them as JSON; may be repeated", repeated)
    .option('--resource-id <id>', 'id of the resource')
    .option('--related <json>', 'related resources, one or a list, each with prefect.resource.id and prefect.resource.role')
    .option('-p, --payload <json>', 'anything more, as a JSON object')
    .action(withCli(emit))
}

async function stream(cli: Cli, { format, outputFile, runOnce, event, resource, since }: StreamOptions): Promise<void> {
  const session = await openSession(cli)
  const { subscribe } = await import('@spillway/sdk')
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  const query = { ...(event ? { event } : {}), ...(resource ? { resource } : {}) }
  try {
    const events = subscribe(query, { signal: ending.signal, ...(since === undefined ? {} : { since: sinceOf(since) }) })
    cli.note('Listening for events; Ctrl-C ends it.')
    for await (const one of events) {
      const line = format === 'json' ? JSON.stringify(one) : `${String(one.occurred)} ${one.event} ${one.resource['prefect.resource.id'] ?? ''}`
      if (outputFile === undefined) cli.print(line)
      else await append(outputFile, line)
      if (runOnce) break
    }
  } finally {
    await session.close()
  }
}

async function append(file: string, line: string): Promise<void> {
  try {
    await appendFile(file, `${line}\n`)
  } catch (cause) {
    throw new CommandError(`Events cannot be written to '${file}': ${(cause as Error).message}`, { cause })
  }
}

/** A time span, or a time. */
function sinceOf(text: string): Date | `${number}${'s' | 'm' | 'h' | 'd'}` {
  if (/^\d+(\.\d+)?(s|m|h|d)$/.test(text)) return text as `${number}m`
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw misused(`--since '${text}' is neither a time span nor a time.`, 'Write 15m, 2h or 2026-01-31T09:00:00Z.')
  return time
}

async function emit(cli: Cli, name: string, options: EmitOptions): Promise<void> {
  const resource = { ...labelsOf(options.resource ?? []), ...(options.resourceId === undefined ? {} : { 'prefect.resource.id': options.resourceId }) }
  if (!('prefect.resource.id' in resource)) throw misused('The event has no resource.', 'Say what it is about: --resource-id order-7')
  const client = await cli.client()
  const { newUuid7 } = await import('@spillway/core/wire/ids')
  const event = { id: newUuid7(Date.now()), occurred: new Date().toISOString(), event: name, resource, related: relatedOf(options.related), payload: options.payload === undefined ? {} : jsonObject(options.payload, '--payload') }
  await client.request('POST /events', { body: [event] }, { repeatable: true })
  cli.show(event satisfies Partial<ReceivedEvent>, () => cli.print(`Emitted event '${name}' with the id ${event.id}.`))
}

function labelsOf(given: readonly string[]): Record<string, string> {
  return Object.assign(
    {},
    ...given.map((text) => {
      if (text.trim().startsWith('{')) return jsonObject(text, '--resource')
      const at = text.indexOf('=')
      if (at < 1) throw misused(`--resource '${text}' is neither key=value nor JSON.`)
      return { [text.slice(0, at)]: text.slice(at + 1) }
    }),
  ) as Record<string, string>
}

function relatedOf(text: string | undefined): Record<string, string>[] {
  if (text === undefined) return []
  let related: unknown
  try {
    related = JSON.parse(text)
  } catch (error) {
    throw misused(`--related is not JSON: ${(error as Error).message}`)
  }
  if (typeof related !== 'object' || related === null) throw misused('--related must be a JSON object or a list of them.')
  return (Array.isArray(related) ? related : [related]) as Record<string, string>[]
}
