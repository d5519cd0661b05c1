import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Ends connections of an address that has `max` open already, websockets among them, before a byte of theirs is read. */
export function capConnectionsByAddress(server: Server, max: number, onRefused: () => void): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '' // Gone already: it has none, and its end comes next.
    const count = (open.get(address) ?? 0) + 1
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
    if (count <= max) return
    onRefused()
    socket.destroy()
  })
}
