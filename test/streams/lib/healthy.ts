import assert from 'node:assert/strict'
import type { ServerProcess } from '../../server/server-process.ts'
import { startPeers } from './peers.ts'
import { everyEvent, type Publisher } from './publisher.ts'

/** Subscribers in a process of their own that do nothing wrong while others misbehave: nothing may happen to them (L13). */
export interface HealthySubscribers {
  readonly count: number
  /** Waits until everything published has come; fails unless each got each event once, in order, on the one connection. */
  assertGotAll(publisher: Publisher): Promise<void>
  leave(): Promise<unknown>
}

/** @param first Their first message. Default: every event of a publisher from now on. */
export async function startHealthySubscribers(
  t: { after(work: () => unknown): void },
  server: ServerProcess,
  { count = 5, first = everyEvent as object } = {},
): Promise<HealthySubscribers> {
  const peers = await startPeers(t, server.url)
  const dialled = await peers.dial({ group: 'healthy', count, path: '/api/events/out', first, record: true })
  assert.deepEqual(dialled.stages, { open: count })
  return {
    count,
    async assertGotAll({ acknowledged }) {
      await peers.haveReceived('healthy', acknowledged.length)
      for (const { numbers, end, dropped } of await peers.histories('healthy')) {
        assert.deepEqual(numbers, acknowledged)
        assert.deepEqual({ end, dropped }, { end: null, dropped: 0 })
      }
    },
    leave: () => peers.forget('healthy'),
  }
}
