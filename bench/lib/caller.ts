import type { HttpConnection, Reply } from './http-connection.ts'

/** What a scenario knows of its target: a connection of its own, and what `prepare` found or made. */
export interface Caller {
  connection: HttpConnection
  base: string
  facts: Facts
}

export interface Facts {
  flowId: string
  /** Runs that exist, for scenarios that read. */
  runIds: string[]
  /** The name of the events that this measurement sends. */
  eventName: string
}

/** A reply that the scenario did not want; counted by its key. */
export class UnwantedReply extends Error {
  readonly key: string

  constructor(step: string, reply: Reply) {
    super(`${step}: ${reply.status} ${reply.body.toString().slice(0, 200)}`)
    this.key = `${step} ${reply.status}`
  }
}

/** One request of a scenario; anything but 2xx is an error. */
export async function call(caller: Caller, step: string, method: string, path: string, body?: string): Promise<Reply> {
  const reply = await caller.connection.request(method, caller.base + path, body)
  if (reply.status < 200 || reply.status > 299) throw new UnwantedReply(step, reply)
  return reply
}
