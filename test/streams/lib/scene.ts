import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { eventually } from '../../faults/eventually.ts'
import type { ServerProcess } from '../../server/server-process.ts'
import { startFaultServer, type FaultServerOptions } from './fault-server.ts'
import { startPeers, type HostilePeers, type PeersReport } from './peers.ts'
import { everyEvent, Publisher } from './publisher.ts'
import { watchServer, type Watch } from './watch.ts'

export interface Scene {
  server: ServerProcess
  /** For those who misbehave. */
  peers: HostilePeers
  watch: Watch
  /** Fails unless the healthy subscribers got all that was published meanwhile, and the server is as it was before. */
  end(): Promise<void>
}

/** A server with a few healthy subscribers to whom events go all the time, and a process for peers who misbehave. */
export async function setScene(t: TestContext, options: FaultServerOptions = {}): Promise<Scene> {
  const server = await startFaultServer(t, options)
  const [peers, healthy] = await Promise.all([startPeers(t, server.url), startPeers(t, server.url)])
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  await healthy.dial({ group: 'healthy', count: 5, path: '/api/events/out', first: everyEvent, record: true })
  let ending = false
  const publishing = (async () => {
    while (!ending) await publisher.publish({ count: 10, perSecond: 20 })
  })()
  return {
    server,
    peers,
    watch,
    async end() {
      ending = true
      await publishing
      const published = publisher.acknowledged.length
      await eventually(async () => (await healthy.report('healthy')).leastReceived === published, 'all events at the healthy subscribers')
      for (const { numbers } of await healthy.histories('healthy')) assert.deepEqual(numbers, publisher.acknowledged)
      await healthy.forget('healthy')
      await watch.end()
    },
  }
}

/** Waits until all of a group have ended. */
export async function allEnded(peers: HostilePeers, group: string, seconds: number): Promise<PeersReport> {
  const deadlineMs = performance.now() + seconds * 1000
  for (;;) {
    const report = await peers.report(group)
    if (Object.keys(report.stages).length === 0) return report
    assert.ok(performance.now() < deadlineMs, `waited ${seconds} s in vain for all of ${group} to end: ${JSON.stringify(report)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The codes of the server's close frames, each with how many peers got it. */
export function closeCodes({ closes }: PeersReport): Record<string, number> {
  const codes: Record<string, number> = {}
  for (const [close, count] of Object.entries(closes)) {
    const code = close.split(' ')[0]!
    codes[code] = (codes[code] ?? 0) + count
  }
  return codes
}
