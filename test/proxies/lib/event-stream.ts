import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { eventually } from '../../faults/eventually.ts'
import type { Way } from './clients.ts'

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  id: string | undefined
  type: string
  data: unknown
}

/** A stream of server-sent events, read as it comes. It is ended with the test. */
export class EventStream {
  readonly events: StreamEvent[] = []
  /** Comment lines: the server's sign of life. */
  comments = 0
  isOver = false
  readonly response: IncomingMessage
  #rest = ''

  private constructor(t: { after(work: () => void): void }, response: IncomingMessage) {
    this.response = response
    t.after(() => this.close())
    response.setEncoding('utf8')
    response.on('data', (text: string) => this.#take(text))
    response.on('error', () => {})
    response.on('close', () => (this.isOver = true))
  }

  static async open(t: { after(work: () => void): void }, way: Way, path: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const options = { host: '127.0.0.1', port: way.port, path, headers: { accept: 'text/event-stream', ...headers }, agent: false as const }
    const sent = way.certificateFile !== undefined && way.url.startsWith('https') ? tlsRequest({ ...options, ca: readFileSync(way.certificateFile) }) : plainRequest(options)
    sent.end()
    // A proxy that buffers holds back the head as well.
    const [response] = (await once(sent, 'response', { signal: AbortSignal.timeout(10_000) })) as [IncomingMessage]
    sent.on('error', () => {})
    return new EventStream(t, response)
  }

  /** Waits for so many events of a type, those that have come included. */
  async all(type: string, count: number): Promise<StreamEvent[]> {
    const found = (): StreamEvent[] => this.events.filter((event) => event.type === type)
    await eventually(() => found().length >= count || this.isOver, `${count} × ${type} on the stream`)
    return found()
  }

  close(): void {
    this.response.destroy()
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map<string, string>()
      for (const line of block.split('\n')) {
        if (line.startsWith(':')) this.comments += 1
        const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? []
        if (name !== undefined) fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : value!)
      }
      const data = fields.get('data')
      if (data !== undefined) this.events.push({ id: fields.get('id'), type: fields.get('event') ?? 'message', data: JSON.parse(data) })
    }
  }
}
