import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { peerAddress } from '../access/forwarded.ts'

/**
 * Ends connections of an address that has `max` open already, websockets among them, before a byte of theirs is read.
 *
 * @param isExempt True for the address of a proxy that is trusted: its connections are those of many clients.
 */
export function capConnectionsByAddress(server: Server, max: number, isExempt: (address: string) => boolean, onRefused: () => void): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = peerAddress(socket) // Gone already: it has none, and its end comes next.
    if (isExempt(address)) return
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

/** How long the peer may take to read why its connection ends. */
const lingerMs = 1_000
/** Connections that are ended in one turn of the event loop. */
const endedPerTurn = 32

/**
 * Says a last word to connections and ends them. A few a turn: Node finds thousands of late ones at once, and everybody else would
 * wait for the last of them.
 */
export class LastWords {
  #waiting: { socket: Duplex; word: string }[] = []
  #isScheduled = false

  say(socket: Duplex, word: string): void {
    this.#waiting.push({ socket, word })
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      for (const { socket, word } of this.#waiting.splice(0, endedPerTurn)) endReadably(socket, word)
      this.#schedule()
    })
  }
}

/**
 * Ends the connection when the peer has ended it too, or a second later. What still comes is read and thrown away: a socket that is
 * closed with unread bytes resets the connection, and the peer would never see the word.
 */
function endReadably(socket: Duplex, word: string): void {
  const cut = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(cut))
  socket.removeAllListeners('data')
  socket.on('data', () => {})
  socket.end(word)
}
