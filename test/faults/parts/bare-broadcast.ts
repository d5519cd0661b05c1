/**
 * What bare `ws` does on the machine: takes subscribers as the real endpoint does and sends each event to all of them in one turn.
 * Driven by IPC: the port out; `{ number, bytes }` in; `{ sentMs, turnMs }` out.
 */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { numberedEvent } from '../../streams/lib/publisher.ts'

export interface BareBroadcast {
  /** Unix time. */
  sentMs: number
  /** Processor time of the turn. */
  turnMs: number
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096, handleProtocols: () => 'prefect' })
server.on('listening', () => process.send!((server.address() as AddressInfo).port))
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.once('message', () => socket.send('{"type":"auth_success"}'))
})

process.on('message', ({ number, bytes }: { number: number; bytes: number }) => {
  const sentMs = Date.now()
  const before = process.threadCpuUsage()
  const frame = Buffer.from(JSON.stringify({ type: 'event', event: numberedEvent(number, 'peers.told', 'x'.repeat(bytes)) }))
  for (const socket of server.clients) socket.send(frame, { binary: false })
  const { user, system } = process.threadCpuUsage(before)
  process.send!({ sentMs, turnMs: (user + system) / 1_000 } satisfies BareBroadcast)
})
process.on('disconnect', () => process.exit(0))
