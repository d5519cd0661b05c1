import { compileLogFilter, type FilterableLog } from '@spillway/core/domain/log-filter'
import type { LogFilter } from '@spillway/core/wire/logs'
import type { Validator } from '@spillway/core/wire/validate'
import type { Metrics } from '../metrics.ts'
import { parseObject, type Connection, type Endpoint } from './connection.ts'
import type { Hub, LogSubscriber } from './hub.ts'

export interface LogsOutContext {
  hub: Hub
  metrics: Metrics
  enabled: boolean
  validateFilter: Validator<LogFilter>
}

/** `/logs/out`: live log lines under a filter; there is no backfill. */
export class LogsOut implements Endpoint, LogSubscriber {
  readonly #connection: Connection
  readonly #context: LogsOutContext
  #matches: (log: FilterableLog) => boolean = () => false
  #unsubscribe: (() => void) | undefined

  constructor(connection: Connection, context: LogsOutContext) {
    this.#connection = connection
    this.#context = context
  }

  open(): void {
    this.#connection.expectFirstMessage()
  }

  message(text: string): void {
    if (this.#unsubscribe) return
    this.#connection.firstMessageCame()
    const message = parseObject(text)
    if (message?.['type'] !== 'filter') return this.#connection.close('protocol-violation', "Expected 'filter' message")
    if (!('filter' in message)) return this.#connection.close('protocol-violation', "Invalid filter: 'filter'")
    const checked = this.#context.validateFilter(message['filter'], ['filter'])
    if (!checked.ok) {
      return this.#connection.close('protocol-violation', `Invalid filter: ${checked.errors[0]?.msg ?? ''}`)
    }
    this.#matches = compileLogFilter(checked.value)
    this.#unsubscribe = this.#context.enabled ? this.#context.hub.subscribeLogs(this) : () => {}
  }

  deliver(body: string): void {
    if (!this.#matches(JSON.parse(body) as FilterableLog)) return
    this.#context.metrics.eventsDelivered.inc({ endpoint: 'logs-out' })
    this.#connection.send(`{"type":"log","log":${body}}`)
  }

  closed(): void {
    this.#unsubscribe?.()
  }
}
