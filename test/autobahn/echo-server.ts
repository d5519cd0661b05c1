import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultLimits } from '@spillway/server/limits'
import { createLogger } from '@spillway/server/logger'
import { createMetrics } from '@spillway/server/metrics'
import { readSettings } from '@spillway/server/settings'
import { ConnectionPool } from '@spillway/server/streams/connection-pool'
import type { Connection } from '@spillway/server/streams/connection'
import { PatientScheduler } from '@spillway/server/streams/scheduler'
import { UpgradeHandler, type EndpointRow } from '@spillway/server/streams/upgrade'
import { WebSocket } from 'ws'

/** One more endpoint beside the server's own, which says everything back; it exists in this test alone. */
const echo: EndpointRow = {
  name: 'echo',
  match: /^\/echo$/,
  create: (connection: Connection) => ({ message: (text) => void connection.sendText(text), closed: () => {} }),
}

/**
 * The suite sends a message of 1 MiB in pieces of 64 bytes. No network does that to a peer that means well, so the server's own bound
 * on the pieces it keeps is lower (see docs/limits.md); the others are as they are.
 */
const limits = { ...defaultLimits, messageChunks: 32_768 }

/**
 * The server's own websocket stack, in front of an endpoint that says everything back.
 *
 * @returns the address of that endpoint, `ws://127.0.0.1:<port>/api/echo`
 */
export async function startEchoServer(t: { after(work: () => unknown): void }): Promise<string> {
  const settings = readSettings({})
  const metrics = createMetrics()
  const scheduler = new PatientScheduler()
  const pool = new ConnectionPool(limits, metrics.streams, scheduler, createLogger('CRITICAL'))
  scheduler.start(limits.sweepEveryMs, (nowMs) => pool.sweep(nowMs))
  const upgrades = new UpgradeHandler({ settings, limits, metrics }, { loopbackOnly: true, allowedHosts: new Set() }, [echo], pool)
  const server = createServer()
  server.on('upgrade', (request, socket, head) => upgrades.upgrade(request, socket, head))
  const restore = echoBinaryFrames()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    restore()
    await pool.drain()
    upgrades.close()
    scheduler.stop()
    server.close().closeAllConnections()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/echo`
}

/**
 * No endpoint of the server takes binary messages: it closes with 1002. The suite wants them echoed, so that it can judge how
 * frames are read and written: they are sent back from where the reader of frames hands them over.
 *
 * @returns what undoes it
 */
function echoBinaryFrames(): () => void {
  const emit = WebSocket.prototype.emit
  WebSocket.prototype.emit = function (this: WebSocket, event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'message' || args[1] !== true) return emit.call(this, event, ...args)
    this.send(args[0] as Buffer, { binary: true })
    return true
  }
  return () => {
    WebSocket.prototype.emit = emit
  }
}
