import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../limits.ts'
import { Counter, MetricRegistry } from '../metric-registry.ts'
import { createStreamMetrics } from '../stream-metrics.ts'
import { Connection } from './connection.ts'
import type { Transport } from './transport.ts'

const options = { endpoint: 'events-out', handshake: false, authString: undefined, handshakeFailure: undefined, pingEveryMs: 20_000, pingAnswerMs: 20_000 }

/** A socket that takes what it is given, and shows as much of it waiting as a test says. */
function openConnection(): { connection: Connection; pongs: string[]; buffer(bytes: number): void } {
  const pongs: string[] = []
  let bufferedBytes = 0
  const transport: Transport = {
    open: true,
    get bufferedBytes() {
      return bufferedBytes
    },
    hasUnfinishedMessage: false,
    encode: (frame) => frame.websocket,
    send: () => {},
    ping: () => {},
    pong: (data) => void pongs.push(data.toString()),
    close: () => {},
    terminate: () => {},
    pauseReading: () => {},
    resumeReading: () => {},
  }
  const metrics = createStreamMetrics(new MetricRegistry(), new Counter(new MetricRegistry(), { name: 'limits', help: '', labelNames: ['limit'] }))
  const connection: Connection = new Connection(
    transport,
    options,
    {
      limits: defaultLimits,
      metrics,
      scheduler: { nowMs: () => 0, soon: () => {}, after: () => () => {} },
      doorkeeper: { authenticated: (self) => self.admit(), settled: () => {} },
      onClosed: () => {},
      onFault: () => {},
    },
    () => ({ message: () => {}, closed: () => {} }),
  )
  connection.begin()
  return { connection, pongs, buffer: (bytes) => void (bufferedBytes = bytes) }
}

test('pings of a peer that is behind are answered when it has caught up: the last of them, once', () => {
  const { connection, pongs, buffer } = openConnection()
  connection.pinged(Buffer.from('first'))
  assert.deepEqual(pongs, ['first'])
  buffer(defaultLimits.subscriberSoftBytes + 1)
  connection.pinged(Buffer.from('second'))
  connection.pinged(Buffer.from('third'))
  assert.deepEqual(pongs, ['first'], 'a peer that does not read its answers gets no more of them')
  buffer(0)
  connection.drained()
  connection.drained()
  assert.deepEqual(pongs, ['first', 'third'])
})
