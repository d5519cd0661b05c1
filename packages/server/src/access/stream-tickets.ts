import { createHmac } from 'node:crypto'
import { sameSecret } from './auth.ts'

/**
 * Tickets for browsers, which can set no header on an event stream: whoever may call the API gets one and puts it into the
 * stream's address. It opens streams and nothing else, for a limited time, and holds no secret. It outlives a restart of the
 * server, so that a browser comes back with it.
 */
export function issueStreamTicket(authString: string | undefined, expiresMs: number): string {
  return `${expiresMs}.${signatureOf(authString, expiresMs)}`
}

/** @param nowMs Milliseconds since the epoch. */
export function isStreamTicketValid(ticket: string, authString: string | undefined, nowMs: number): boolean {
  const [, digits = '', signature = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(ticket) ?? []
  const expiresMs = Number(digits)
  return digits !== '' && expiresMs > nowMs && sameSecret(signature, signatureOf(authString, expiresMs))
}

function signatureOf(authString: string | undefined, expiresMs: number): string {
  return createHmac('sha256', `spillway stream ticket ${authString ?? ''}`).update(String(expiresMs)).digest('base64url')
}
