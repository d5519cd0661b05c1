import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { defaultLimits } from '@spillway/server/limits'
import { createLogger } from '@spillway/server/logger'
import { createMetrics } from '@spillway/server/metrics'
import { readSettings } from '@spillway/server/settings'
import { ConnectionPool } from '@spillway/server/streams/connection-pool'
import { PatientScheduler } from '@spillway/server/streams/scheduler'
import { UpgradeHandler } from '@spillway/server/streams/upgrade'

test('a socket that is reset while its upgrade is looked at harms nobody', () => {
  const metrics = createMetrics()
  const pool = new ConnectionPool(defaultLimits, metrics.streams, new PatientScheduler(), createLogger('CRITICAL'))
  const upgrades = new UpgradeHandler({ settings: readSettings({}), limits: defaultLimits, metrics }, { loopbackOnly: true, allowedHosts: new Set() }, [], pool)
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const request = Object.assign(new EventEmitter(), { url: '/api/nowhere', headers: { host: 'localhost' }, socket }) as unknown as IncomingMessage
  upgrades.upgrade(request, socket, Buffer.alloc(0))
  // Without a listener an error event is thrown, and ends the process.
  assert.doesNotThrow(() => socket.emit('error', new Error('ECONNRESET')))
  assert.ok(socket.destroyed)
})
