import type { Logger } from '../logger.ts'
import type { Store } from '../storage/store.ts'
import type { Connection, Endpoint } from './connection.ts'
import type { Hub } from './hub.ts'
import type { TaskWorkers } from './task-workers.ts'

export interface TaskSubscriptionContext {
  hub: Hub
  store: Store
  log: Logger
  taskWorkers: TaskWorkers
}

const violation = 4001

/**
 * `/task_runs/subscriptions/scheduled`: hands waiting background task runs to a task worker, one at a time, each until it is
 * acknowledged. One that was not acknowledged goes back to the retry queue.
 */
export class TaskSubscription implements Endpoint {
  readonly #connection: Connection
  readonly #context: TaskSubscriptionContext
  #taskKeys: string[] | undefined
  #stopListening: (() => void) | undefined
  #leaveRegister: (() => void) | undefined
  /** The task run that was sent and is not acknowledged yet. */
  #given: { taskRunId: string; taskKey: string } | undefined
  #fetching = false
  #wokenMeanwhile = false
  #ended = false

  constructor(connection: Connection, context: TaskSubscriptionContext) {
    this.#connection = connection
    this.#context = context
  }

  open(): void {
    this.#connection.expectFirstMessage()
  }

  message(text: string): void {
    const message = this.#connection.parseObject(text)
    if (!this.#taskKeys) {
      this.#connection.firstMessageCame()
      this.#subscribe(message)
      return
    }
    if (message?.['type'] === 'quit') return this.#connection.close('finished')
    if (message?.['type'] !== 'ack') {
      return this.#connection.closeWithCode(violation, "Protocol violation: expected 'ack' message")
    }
    const given = this.#given
    this.#given = undefined
    if (given) void this.#acknowledge(given.taskRunId)
    void this.#giveNext()
  }

  closed(): void {
    this.#ended = true
    this.#stopListening?.()
    this.#leaveRegister?.()
    const given = this.#given
    if (given) void this.#giveBack(given)
  }

  #subscribe(message: Record<string, unknown> | undefined): void {
    const refuse = (what: string): void => this.#connection.closeWithCode(violation, `Protocol violation: expected ${what}`)
    if (message?.['type'] !== 'subscribe') return refuse("'subscribe' message")
    const keys = message['keys']
    if (!Array.isArray(keys) || keys.length === 0) return refuse("'keys' in subscribe message")
    const clientId = message['client_id']
    if (typeof clientId !== 'string' || clientId === '') return refuse("'client_id' in subscribe message")
    this.#taskKeys = keys.filter((key): key is string => typeof key === 'string').slice(0, 1_000)
    this.#leaveRegister = this.#context.taskWorkers.join(clientId, this.#taskKeys)
    this.#stopListening = this.#context.hub.onBackgroundTask(this.#taskKeys, () => void this.#giveNext())
    void this.#giveNext()
  }

  async #giveNext(): Promise<void> {
    if (this.#fetching) {
      this.#wokenMeanwhile = true
      return
    }
    if (this.#given || this.#ended || !this.#taskKeys) return
    this.#fetching = true
    try {
      do {
        this.#wokenMeanwhile = false
        const taken = await this.#context.store.write('takeBackgroundTask', { taskKeys: this.#taskKeys })
        if (!taken) continue
        if (this.#ended) {
          await this.#giveBack(taken)
          return
        }
        this.#given = taken
        this.#connection.sendText(taken.json)
        return
      } while (this.#wokenMeanwhile)
    } catch (error) {
      this.#context.log.info({ reason: (error as Error).message }, 'a background task could not be fetched; the worker is told to come back')
      this.#connection.close('server-error')
    } finally {
      this.#fetching = false
    }
  }

  async #acknowledge(taskRunId: string): Promise<void> {
    await this.#context.store
      .write('acknowledgeBackgroundTask', { taskRunId })
      .catch((error: Error) => this.#context.log.warn({ taskRunId, reason: error.message }, 'the acknowledgement of a background task could not be stored; a restart may give it out again'))
  }

  async #giveBack(task: { taskRunId: string; taskKey: string }): Promise<void> {
    await this.#context.store
      .write('returnBackgroundTask', { taskRunId: task.taskRunId, taskKey: task.taskKey })
      .catch((error: Error) => this.#context.log.warn({ taskRunId: task.taskRunId, reason: error.message }, 'an unacknowledged background task could not be queued again'))
  }
}
