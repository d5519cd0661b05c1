import type { EventChannel } from '../events/event-channel.ts'
import { sdkLimits } from '../limits.ts'
import type { RunnerLink } from './runner-link.ts'

/** Events over the link: the runner sends those of all its runs over one socket, and confirms what the server has confirmed. */
export function openLinkedChannel(link: RunnerLink): EventChannel {
  let isEnded = false
  let closed = (): void => {}
  const end = (): void => {
    isEnded = true
    closed()
  }
  return {
    get isOpen() {
      return link.isOpen && !isEnded
    },
    get bufferedBytes() {
      return link.buffered
    },
    unconfirmedMax: sdkLimits.linkedEvents,
    // The server may be away for long; the runner sends what it has as long as it lives.
    confirmTimeoutMs: Infinity,
    send: (events) => link.send({ kind: 'events', events }, events.reduce((sum, { json }) => sum + json.length, 0)),
    askConfirmation: () => link.send({ kind: 'confirm' }),
    onConfirmed: (call) => link.onMessage(({ kind }) => {
      if (kind === 'confirmed' && !isEnded) call()
    }),
    onClose: (call) => {
      if (!link.isOpen) return call()
      closed = call
      link.onClose(call)
    },
    hold: () => {},
    close: end,
    terminate: end,
  }
}
