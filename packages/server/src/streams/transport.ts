import type { Frame } from './frames.ts'

/** One peer's socket as the connection machine sees it. Nothing here waits, and nothing throws. */
export interface Transport {
  /** True while frames may be handed over. */
  readonly open: boolean
  /** Bytes that this process still holds for the socket. It is blind for what the kernel has taken (catalogue, fact 1). */
  readonly bufferedBytes: number
  /** A message has begun to come and is not whole. */
  readonly hasUnfinishedMessage: boolean
  /** A frame as this socket's bytes; the same chunk for all who get the frame. */
  encode(frame: Frame): Buffer
  send(chunk: Buffer): void
  /** A ping that carries a number; the peer's answer carries it back. */
  ping(number: number): void
  pong(data: Buffer): void
  /** Starts the closing handshake. */
  close(code: number, reason: string): void
  /**
   * Destroys the socket; `closed` follows.
   *
   * @param byReset The kernel drops what it still holds for the peer, too.
   */
  terminate(byReset: boolean): void
  pauseReading(): void
  resumeReading(): void
}

export type PeerFault = 'message-too-large' | 'too-many-fragments' | 'protocol-error' | 'reset'

/** What a transport tells. After `closed` it tells nothing more. */
export interface TransportListener {
  /** A message; undefined when it was not text. */
  message(text: string | undefined): void
  pinged(data: Buffer): void
  /** An answer to the ping of that number, and so to all before it. */
  ponged(number: number): void
  /** The socket takes more. */
  drained(): void
  /** The end has begun: a close frame, or what the peer sent cannot be read (`why`). */
  ending(why?: PeerFault): void
  /** FIN: nothing more comes from the peer, no answer to a ping either. Returns true when the socket has to be reset. */
  finished(): boolean
  closed(): void
}
