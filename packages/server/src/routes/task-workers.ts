import { ReadTaskWorkersBody, TaskWorkerResponse } from '@spillway/core/wire/task-runs'
import { list } from '@spillway/core/wire/schema'
import { ok } from '../storage/answers.ts'
import type { Streams } from '../streams/index.ts'
import { route, type Route } from './route.ts'

/** The task workers that are connected to this server right now. */
export function taskWorkerRoutes(streams: Streams): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/task_workers/filter',
      operationId: 'read_task_workers_task_workers_filter_post',
      tag: 'Task Workers',
      body: ReadTaskWorkersBody,
      replies: { 200: list(TaskWorkerResponse) },
      handle({ body }) {
        const workers = streams.taskWorkers.list(body.task_worker_filter?.task_keys)
        return ok(
          JSON.stringify(
            workers.map(({ identifier, taskKeys, sinceMs }) => ({
              identifier,
              task_keys: taskKeys,
              timestamp: new Date(sinceMs).toISOString(),
            })),
          ),
        )
      },
    }),
  ]
}
