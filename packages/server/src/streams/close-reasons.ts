/**
 * Why a stream ends, and the close code that its peer sees: the one table for the server, its documents and its tests. Never 1000,
 * 1001 or none for a stream that is to go on: stock subscribers take those for the end and stay away (fault catalogue, fact 5).
 */
export const closeCodes = {
  'auth-failed': 1008,
  'auth-timeout': 1008,
  'filter-timeout': 1008,
  'message-timeout': 1008,
  'control-flood': 1008,
  'protocol-violation': 1002,
  /** It does not read, and what waits for it is over its bound. */
  'slow-consumer': 1013,
  'too-many-connections': 1013,
  'too-many-handshakes': 1013,
  'costly-filter': 1013,
  'ping-timeout': 1011,
  'server-error': 1011,
  shutdown: 1012,
  finished: 1000,
} as const

export type CloseReason = keyof typeof closeCodes

/** A close reason has 123 bytes at most, or the frame is malformed and the peer sees 1006. */
export function closeText(text: string): string {
  return Buffer.from(text).subarray(0, 123).toString('utf8').replace(/\uFFFD$/, '')
}
