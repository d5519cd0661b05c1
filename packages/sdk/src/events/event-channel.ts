import { sdkLimits } from '../limits.ts'
import type { StreamSettings } from '../settings.ts'
import type { OutgoingEvent } from './outbox.ts'
import { openStream } from './stream-socket.ts'

/** A way on which events go out: a websocket to the server, or the channel to the runner that started this process. */
export interface EventChannel {
  readonly isOpen: boolean
  /** Bytes handed over that have not left this process. */
  readonly bufferedBytes: number
  /** Unconfirmed events under way at a time. */
  readonly unconfirmedMax: number
  /** Without a confirmation for so long the channel is given up. */
  readonly confirmTimeoutMs: number
  send(events: readonly OutgoingEvent[]): void
  /** Asks for a confirmation of everything sent before. One at a time. */
  askConfirmation(): void
  onConfirmed(call: () => void): void
  onClose(call: () => void): void
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void
  close(): void
  terminate(): void
}

/**
 * Events over `/events/in`: the pong that answers a ping says that the server has what came before the ping.
 *
 * @throws {StreamRefusedError}
 */
export async function openSocketChannel(settings: StreamSettings, env?: Readonly<Record<string, string | undefined>>): Promise<EventChannel> {
  const { socket, hold, cork } = await openStream(settings, '/events/in', env)
  return {
    get isOpen() {
      return socket.readyState === socket.OPEN
    },
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    unconfirmedMax: Infinity,
    confirmTimeoutMs: sdkLimits.pongTimeoutMs,
    send: (events) => {
      cork()
      for (const { json } of events) socket.send(json)
    },
    askConfirmation: () => socket.ping(),
    onConfirmed: (call) => socket.on('pong', call),
    onClose: (call) => (socket.readyState === socket.OPEN ? socket.once('close', call) : call()),
    hold,
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  }
}
