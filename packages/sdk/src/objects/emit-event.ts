import { EVENT_SIZE_BYTES_MAX, fitsEventSize } from '@spillway/core/domain/event-limits'
import { newUuid7 } from '@spillway/core/wire/ids'
import { formatIso } from '@spillway/core/wire/time'
import { currentFrame } from '../engine/context.ts'
import { asError, EventTooLargeError, SerializationError } from '../errors.ts'
import { defaultSession } from '../session.ts'

/** A thing that events are about. */
export interface EventResource {
  readonly id: string
  readonly name?: string
  /** Further labels. */
  readonly [label: string]: string | undefined
}

/** What an event is about, and what it carries. */
export interface EmitOptions {
  readonly resource: EventResource
  readonly related?: readonly (EventResource & { readonly role: string })[]
  readonly payload?: Record<string, unknown>
  /** The id of the event that caused this one. */
  readonly follows?: string
  readonly occurred?: Date
}

/**
 * Emits an event, and does not wait for it: it is sent as long as the process lives. In a run it names the run, so that
 * automations can tell where it came from. Such events are the first to be shed when the server takes them too slowly.
 *
 * @returns its id
 * @throws {TypeError} when it has no name or is about nothing; {SerializationError} when JSON cannot hold it; {EventTooLargeError}
 */
export function emitEvent(event: string, options: EmitOptions): string {
  if (!event) throw new TypeError("an event needs a name, such as 'order.paid'")
  if (!options?.resource?.id) throw new TypeError(`the event '${event}' needs the id of what it is about: emitEvent('${event}', { resource: { id: 'order.7' } })`)
  const frame = currentFrame()
  const session = frame?.session ?? defaultSession()
  const id = newUuid7(Date.now())
  const task = frame?.task && { 'prefect.resource.id': `prefect.task-run.${frame.task.id}`, 'prefect.resource.role': 'task-run', 'prefect.resource.name': frame.task.name }
  const message = {
    id,
    occurred: formatIso(options.occurred ? options.occurred.getTime() * 1000 : session.clock.nowUs()),
    event,
    resource: labelsOf(options.resource),
    related: [
      ...(options.related ?? []).map(({ role, ...resource }) => ({ ...labelsOf(resource as EventResource), 'prefect.resource.role': role })),
      ...(frame?.flow?.related ?? []),
      ...(task ? [task] : []),
    ],
    payload: options.payload ?? {},
    ...(options.follows === undefined ? {} : { follows: options.follows }),
  }
  checkSize(event, message)
  void session.emit(message, false)
  return id
}

/** What a server would refuse is told to the one who made it: nobody waits for the server's answer. */
function checkSize(event: string, message: object): void {
  const json = textOf(event, message)
  if (!fitsEventSize(json)) throw new EventTooLargeError(event, Buffer.byteLength(json), EVENT_SIZE_BYTES_MAX)
}

function textOf(event: string, message: object): string {
  try {
    return JSON.stringify(message)
  } catch (cause) {
    throw new SerializationError(`the event '${event}' cannot be sent: ${asError(cause).message}`, { cause })
  }
}

function labelsOf({ id, name, ...labels }: EventResource): Record<string, string> {
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(texts), 'prefect.resource.id': id, ...(name === undefined ? {} : { 'prefect.resource.name': name }) }
}
