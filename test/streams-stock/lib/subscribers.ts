import assert from 'node:assert/strict'
import { startPython, type Line, type PythonOptions, type PythonPart } from '../../faults/python.ts'

const driver = new URL('../drivers/subscribers.py', import.meta.url)

/** What one stock subscriber gave its user. */
export interface Given {
  index: number
  kind: 'events' | 'logs'
  /** Numbers of events, or messages of logs, in the order in which they came, with repetitions. */
  got: (number | string)[]
  /** Ids of events that carry no number. */
  others: string[]
  /** Why the iteration ended; null while it goes on. */
  ended: string | null
}

export interface Report {
  given: Given[]
  /** The client's own counts: `PrefectEventSubscriber reconnect` and the like. */
  connections: Readonly<Record<string, number>>
}

export interface OpenOptions {
  count?: number
  filter?: object
  /** Reconnections in a row before the subscriber gives up. Default 10, as the client's own. */
  attempts?: number
}

/** One Python process with any number of stock subscribers. */
export class StockSubscribers {
  readonly part: PythonPart
  #opened = 0

  private constructor(part: PythonPart) {
    this.part = part
  }

  static async start(t: { after(work: () => unknown): void }, apiUrl: string, options: PythonOptions = {}): Promise<StockSubscribers> {
    const part = await startPython(t, driver, apiUrl, [], options)
    await part.all((line) => line['ready'] === true, 1, 'the subscribers to be imported')
    return new StockSubscribers(part)
  }

  /** Opens them and waits until each is connected. */
  async open(kind: 'events' | 'logs', options: OpenOptions = {}): Promise<void> {
    this.dial(kind, options)
    await this.opened()
  }

  /** Opens them and does not wait. */
  dial(kind: 'events' | 'logs', options: OpenOptions = {}): void {
    this.#opened += options.count ?? 1
    this.part.send({ open: kind, ...options })
  }

  async opened(timeoutMs?: number): Promise<void> {
    await this.part.all((line) => 'open' in line, this.#opened, `${this.#opened} subscribers to be open`, timeoutMs)
  }

  /** Begins a `wait_for_flow_run`. */
  async waitFor(flowRunId: string): Promise<void> {
    this.part.send({ open: 'wait', flow_run: flowRunId })
    await this.part.all((line) => line['waiting'] === flowRunId, 1, 'the wait to begin')
  }

  async waited(flowRunId: string): Promise<Line> {
    const [line] = await this.part.all((one) => one['waited'] === flowRunId, 1, 'wait_for_flow_run to return')
    return line!
  }

  /** Resolves when every subscriber of events has this many different ones, or one has ended. */
  async complete(events: number, subscribers: number, timeoutMs = 30_000): Promise<void> {
    this.part.send({ await: events })
    const over = (line: Line): boolean => 'complete' in line || ('ended' in line && line['kind'] === 'events')
    try {
      await this.part.all(over, subscribers, `${subscribers} subscribers to have ${events} events`, timeoutMs)
    } catch (error) {
      const { given, connections } = await this.report()
      const counts = given.map((one) => `${one.kind} ${one.index}: ${new Set(one.got).size}, ${one.ended ?? 'going on'}`)
      throw new Error(`${(error as Error).message}\n${counts.join('\n')}\n${JSON.stringify(connections)}`, { cause: error })
    }
  }

  async report(): Promise<Report> {
    const before = this.part.soFar((line) => 'report' in line).length
    this.part.send({ report: true })
    const line = (await this.part.all((one) => 'report' in one, before + 1, 'the report')).at(-1)!
    return { given: line['report'] as Given[], connections: line['connections'] as Record<string, number> }
  }
}

/** Fails unless every subscriber of events goes on, and gave its user exactly these: each once, in order. */
export function assertAllGiven(report: Report, published: readonly number[]): void {
  const events = report.given.filter(({ kind }) => kind === 'events')
  assert.ok(events.length > 0)
  for (const { index, got, ended } of events) {
    assert.equal(ended, null, `subscriber ${index} goes on`)
    assert.deepEqual(got, published, `subscriber ${index} got each published event once and in order`)
  }
}
