import type { ServerResponse } from 'node:http'
import type { Limits } from '../limits.ts'

/**
 * The answers that peers have not taken yet, in the order in which they were sent. Their bytes are this process's memory, so a peer
 * that takes none for `responseStallMs` loses its connection; and when all together hold more than `answersBytes`, those that have
 * been at it for the longest lose theirs.
 */
export class UnreadAnswers {
  readonly #limits: Limits
  readonly #onReached: (limit: 'responseStallMs' | 'answersBytes') => void
  readonly #answers = new Map<ServerResponse, number>()
  #bytes = 0

  constructor(limits: Limits, onReached: (limit: 'responseStallMs' | 'answersBytes') => void) {
    this.#limits = limits
    this.#onReached = onReached
  }

  /** Looks after an answer until it has left, when there is enough of it to look after. */
  watch(response: ServerResponse): void {
    const { socket } = response
    const bytes = response.writableLength
    if (!socket || response.writableFinished || (response.writableEnded && bytes <= this.#limits.socketBufferBytes)) return
    this.#answers.set(response, bytes)
    this.#bytes += bytes
    const onStall = (): void => {
      this.#onReached('responseStallMs')
      socket.destroy()
    }
    socket.setTimeout(this.#limits.responseStallMs, onStall)
    response.once('close', () => {
      this.#forget(response)
      socket.off('timeout', onStall)
      socket.setTimeout(0)
    })
    this.#makeRoom()
  }

  #makeRoom(): void {
    for (const [response] of this.#answers) {
      if (this.#bytes <= this.#limits.answersBytes || this.#answers.size === 1) return
      this.#onReached('answersBytes')
      this.#forget(response)
      response.destroy()
    }
  }

  #forget(response: ServerResponse): void {
    this.#bytes -= this.#answers.get(response) ?? 0
    this.#answers.delete(response)
  }
}
