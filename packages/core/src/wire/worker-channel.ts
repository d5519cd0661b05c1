import { boolean, dateTime, emptyList, emptyObject, integer, jsonObject, list, literal, object, optional, text, uuid } from './schema.ts'
import type { Static } from './schema.ts'

export const channelVersion = 'work_pool_worker_channel.v1'
export const requiredCapabilities = ['worker_heartbeat.v1', 'work_pool_snapshot.v1'] as const

const strict = { additionalProperties: false }

/** The worker's first frame. These frames are not part of the HTTP API and so not of its document. */
export const WorkerHelloFrame = object(
  {
    type: literal(['worker.hello.v1']),
    id: uuid(),
    sent_at: dateTime(),
    payload: object(
      {
        consumer_id: uuid(),
        worker_name: text({ minLength: 1 }),
        worker_type: text({ minLength: 1 }),
        heartbeat_interval_seconds: integer({ exclusiveMinimum: 0 }),
        supported_channel_versions: list(text({ minLength: 1 }), { minItems: 1 }),
        requested_capabilities: list(text({ minLength: 1 }), { minItems: 1 }),
        work_queue_names: list(text({ minLength: 1 }), { makeDefault: emptyList }),
        handled_cleanup_kinds: list(text(), { makeDefault: emptyList }),
        max_cleanup_concurrency: integer({ minimum: 0, default: 0 }),
        create_pool_if_not_found: boolean({ default: false }),
        default_base_job_template: jsonObject({ makeDefault: emptyObject }),
        worker_metadata: optional(jsonObject()),
      },
      strict,
    ),
  },
  strict,
)
export type WorkerHelloFrame = Static<typeof WorkerHelloFrame>

export const WorkerHeartbeatFrame = object(
  {
    type: literal(['worker.heartbeat.v1']),
    id: uuid(),
    sent_at: dateTime(),
    payload: object(
      { consumer_id: uuid(), worker_name: text({ minLength: 1 }), heartbeat_interval_seconds: integer({ exclusiveMinimum: 0 }) },
      strict,
    ),
  },
  strict,
)
export type WorkerHeartbeatFrame = Static<typeof WorkerHeartbeatFrame>
