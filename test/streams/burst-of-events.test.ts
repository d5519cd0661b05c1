import test from 'node:test'
import { startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers } from './lib/peers.ts'
import { Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A23. Five times what a subscriber's queue holds. */
test('5,000 events published at once all reach a subscriber to everything, in order', { skip: cannotRunPeers }, async (t) => {
  const server = await startFaultServer(t)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  await publisher.publish({ count: 5_000, bytes: 1_000, batch: 1_000 })
  await healthy.assertGotAll(publisher)
  await publisher.publish({ count: 10, batch: 1 })
  await healthy.assertGotAll(publisher)
  await healthy.leave()
  await watch.end()
})
