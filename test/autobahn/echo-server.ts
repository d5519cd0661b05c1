import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createHttpServer } from '@spillway/server/http/server'
import { defaultLimits } from '@spillway/server/limits'
import { createLogger } from '@spillway/server/logger'
import { createMetrics } from '@spillway/server/metrics'
import { readSettings } from '@spillway/server/settings'
import { openSqliteStore } from '@spillway/server/storage/sqlite/sqlite-store'
import type { Connection } from '@spillway/server/streams/connection'
import { UpgradeHandler, type EndpointRow } from '@spillway/server/streams/upgrade'
import { WebSocket } from 'ws'

/** One more endpoint beside the server's own, which says everything back; it exists in this test alone. */
const echo: EndpointRow = {
  name: 'echo',
  match: /^\/echo$/,
  create: (connection: Connection) => ({ message: (text) => void connection.send(text), closed: () => {} }),
}

/**
 * The server's own websocket stack with its default bounds, in front of an endpoint that says everything back.
 *
 * @returns the address of that endpoint, `ws://127.0.0.1:<port>/api/echo`
 */
export async function startEchoServer(t: { after(work: () => unknown): void }): Promise<string> {
  const home = mkdtempSync(path.join(tmpdir(), 'spillway-echo-'))
  const settings = readSettings({ SPILLWAY_HOME: home, PREFECT_SERVER_LOGGING_LEVEL: 'CRITICAL' })
  const metrics = createMetrics()
  const log = createLogger(settings.logLevel)
  const store = await openSqliteStore(
    settings.databasePath,
    { ...settings.store, maxParameterBytes: settings.maxParameterBytes, maxEventBytes: settings.events.maxBytes, encryptionKey: '' },
    defaultLimits,
    { refused() {}, groupCommitted() {}, readerRestarted() {}, threadEnded() {}, limitReached() {}, operationDone() {} },
  )
  const context = { store, settings, limits: defaultLimits, metrics, log }
  const hostRules = { loopbackOnly: true, allowedHosts: new Set<string>() }
  const upgrades = new UpgradeHandler(context, hostRules, [echo])
  const server = createHttpServer({ context, routes: [], hostRules, checkCsrf: undefined, answerPage: () => undefined })
  server.on('upgrade', (request, socket, head) => upgrades.upgrade(request, socket, head))
  const restore = echoBinaryFrames()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    restore()
    await upgrades.close()
    server.close().closeAllConnections()
    await store.close()
    rmSync(home, { recursive: true, force: true })
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
