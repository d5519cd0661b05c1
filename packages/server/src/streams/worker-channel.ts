import { newUuid7 } from '@spillway/core/wire/ids'
import { formatIso, usFromMs } from '@spillway/core/wire/time'
import { compile } from '@spillway/core/wire/validate'
import { channelVersion, requiredCapabilities, WorkerHeartbeatFrame, WorkerHelloFrame } from '@spillway/core/wire/worker-channel'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Store } from '../storage/store.ts'
import type { Connection, Endpoint } from './connection.ts'
import type { Hub } from './hub.ts'

export interface WorkerChannelContext {
  hub: Hub
  store: Store
  log: Logger
  poolName: string
}

const validateHello = compile(WorkerHelloFrame)
const validateHeartbeat = compile(WorkerHeartbeatFrame)

/** Several changes of a pool in this time make one snapshot. */
const snapshotDelayMs = 50

/** Close codes and reasons that stock workers know; the first three make them fall back to REST, the others make them come back. */
const closes = {
  authorization_failed: 1008,
  unsupported_version: 1008,
  protocol_error: 1002,
  heartbeat_persistence_failed: 1011,
  transient_server_error: 1011,
} as const

/**
 * `/work_pools/{name}/workers/connect`: a worker's heartbeats up, snapshots of its pool down. Runs are still fetched over REST
 * and cancellations come over `/events/out`, so a worker without this channel loses nothing but latency.
 */
export class WorkerChannel implements Endpoint {
  readonly #connection: Connection
  readonly #context: WorkerChannelContext
  #stage: 'hello' | 'opening' | 'open' = 'hello'
  #sequence = 1
  #lastSnapshot = ''
  #stopListening: (() => void) | undefined
  #snapshotTimer: NodeJS.Timeout | undefined

  constructor(connection: Connection, context: WorkerChannelContext) {
    this.#connection = connection
    this.#context = context
  }

  open(): void {
    this.#connection.expectFirstMessage()
  }

  message(text: string): void {
    const frame = this.#connection.parseObject(text)
    if (this.#stage === 'hello') {
      this.#connection.firstMessageCame()
      this.#stage = 'opening'
      void this.#hello(frame)
    } else if (this.#stage === 'open' && frame?.['type'] === 'worker.heartbeat.v1') void this.#heartbeat(frame)
    else this.#close('protocol_error')
  }

  closed(): void {
    this.#stopListening?.()
    clearTimeout(this.#snapshotTimer)
  }

  #close(reason: keyof typeof closes): void {
    this.#connection.closeWithCode(closes[reason], reason)
  }

  async #hello(frame: Record<string, unknown> | undefined): Promise<void> {
    const checked = validateHello(frame)
    if (!checked.ok) return this.#close('protocol_error')
    const hello = checked.value.payload
    if (!hello.supported_channel_versions.includes(channelVersion)) return this.#close('unsupported_version')
    const accepted = requiredCapabilities.filter((name) => hello.requested_capabilities.includes(name))
    if (accepted.length < requiredCapabilities.length) return this.#close('protocol_error')
    try {
      const opened = await this.#context.store.write('openWorkerChannel', {
        poolName: this.#context.poolName,
        workerName: hello.worker_name,
        workerType: hello.worker_type,
        heartbeatSeconds: hello.heartbeat_interval_seconds,
        queueNames: hello.work_queue_names,
        createPool: hello.create_pool_if_not_found,
        defaultTemplate: hello.default_base_job_template,
      })
      if (!opened) return this.#close('authorization_failed')
      this.#stage = 'open'
      this.#lastSnapshot = opened.pool
      this.#stopListening = this.#context.hub.onWorkPool(opened.poolId, () => this.#scheduleSnapshot())
      this.#send(
        'worker.ready.v1',
        `{"consumer_id":"${hello.consumer_id}","worker_id":null,"selected_channel_version":"${channelVersion}",` +
          `"effective_heartbeat_interval_seconds":${hello.heartbeat_interval_seconds},` +
          `"accepted_capabilities":${JSON.stringify(accepted)},` +
          `"rejected_capabilities":${JSON.stringify(hello.requested_capabilities.filter((name) => !(accepted as string[]).includes(name)))},` +
          `"effective_max_cleanup_concurrency":0,"resolved_work_queues":${JSON.stringify(opened.queues)},` +
          `"initial_snapshot":{"snapshot_sequence":1,"reason":"initial","work_pool":${opened.pool}}}`,
      )
    } catch (error) {
      this.#context.log.info({ reason: (error as Error).message }, 'a worker channel could not be opened; the worker will try again')
      this.#close('transient_server_error')
    }
  }

  async #heartbeat(frame: Record<string, unknown>): Promise<void> {
    const checked = validateHeartbeat(frame)
    if (!checked.ok) return this.#close('protocol_error')
    const { worker_name: workerName, heartbeat_interval_seconds: heartbeatSeconds } = checked.value.payload
    try {
      await this.#context.store.write('recordWorkerHeartbeat', {
        poolName: this.#context.poolName,
        workerName,
        intervalSeconds: heartbeatSeconds,
      })
    } catch (error) {
      const gone = error instanceof AppError && error.status === 404
      this.#close(gone ? 'authorization_failed' : 'heartbeat_persistence_failed')
    }
  }

  #scheduleSnapshot(): void {
    this.#snapshotTimer ??= setTimeout(() => {
      this.#snapshotTimer = undefined
      void this.#snapshot()
    }, snapshotDelayMs)
  }

  async #snapshot(): Promise<void> {
    try {
      const { json } = await this.#context.store.read('readWorkPool', { name: this.#context.poolName, oldClient: false })
      if (json === this.#lastSnapshot) return
      this.#lastSnapshot = json
      this.#sequence += 1
      this.#send('work_pool.snapshot.v1', `{"snapshot_sequence":${this.#sequence},"reason":"work_pool_updated","work_pool":${json}}`)
    } catch {
      // The pool is gone, or the store is busy: the next change, or the worker's own poll, tells it.
    }
  }

  #send(type: string, payload: string): void {
    const nowMs = Date.now()
    this.#connection.sendText(`{"type":"${type}","id":"${newUuid7(nowMs)}","sent_at":"${formatIso(usFromMs(nowMs))}","payload":${payload}}`)
  }
}
