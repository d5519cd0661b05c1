import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isStreamTicketValid, issueStreamTicket } from './stream-tickets.ts'

test('a ticket opens streams until it runs out, and only where it was issued', () => {
  const ticket = issueStreamTicket('user:secret', 2_000)
  assert.equal(isStreamTicketValid(ticket, 'user:secret', 1_999), true)
  assert.equal(isStreamTicketValid(ticket, 'user:secret', 2_000), false)
  assert.equal(isStreamTicketValid(ticket, 'user:other', 1_000), false)
  assert.equal(isStreamTicketValid(ticket, undefined, 1_000), false)
})

test('a ticket cannot be changed, and does not hold the password', () => {
  const ticket = issueStreamTicket('user:secret', 2_000)
  assert.equal(isStreamTicketValid(ticket.replace('2000', '9000'), 'user:secret', 1_000), false)
  for (const other of ['', '2000', '2000.', `${ticket}x`, ticket.slice(0, -1)]) assert.equal(isStreamTicketValid(other, 'user:secret', 1_000), false)
  assert.doesNotMatch(ticket, /secret/)
})
