/**
 * What bare `ws` does on the machine: takes subscribers as the real endpoint does and sends each event to all of them in one turn.
 * Driven by IPC: the port out; `{ count, bytes, perSecond }` in; `{ sentMs, loopDelayMs }` out.
 */
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { numberedEvent } from '../../streams/lib/publisher.ts'

export interface BroadcastResult {
  sentMs: number[]
  /** 99th percentile. */
  loopDelayMs: number
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096, handleProtocols: () => 'prefect' })
server.on('listening', () => process.send!((server.address() as AddressInfo).port))
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.once('message', () => socket.send('{"type":"auth_success"}'))
})

async function broadcast({ count, bytes, perSecond }: { count: number; bytes: number; perSecond: number }): Promise<BroadcastResult> {
  const text = 'x'.repeat(bytes)
  const sentMs: number[] = []
  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  for (let number = 0; number < count; number++) {
    await delay(1000 / perSecond)
    sentMs.push(Date.now())
    const frame = Buffer.from(JSON.stringify({ type: 'event', event: numberedEvent(number, 'peers.told', text) }))
    for (const socket of server.clients) socket.send(frame, { binary: false })
  }
  await delay(1000 / perSecond)
  return { sentMs, loopDelayMs: loop.percentile(99) / 1e6 }
}

process.on('message', (job) => void broadcast(job as Parameters<typeof broadcast>[0]).then((result) => process.send!(result)))
process.on('disconnect', () => process.exit(0))
