import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { linkSignals } from './link-signals.ts'

test('a linked signal follows its parents with their reason', () => {
  const first = new AbortController()
  const second = new AbortController()
  const link = linkSignals([first.signal, second.signal])
  second.abort('why')
  assert.equal(link.signal.reason, 'why')
  assert.equal(linkSignals([second.signal]).signal.reason, 'why')
})

test('nothing stays with the parent, however many were linked', () => {
  const parent = new AbortController()
  for (let index = 0; index < 100_000; index++) linkSignals([parent.signal]).unlink()
  assert.equal(getEventListeners(parent.signal, 'abort').length, 0)
  const child = linkSignals([parent.signal])
  child.abort('itself')
  assert.equal(getEventListeners(parent.signal, 'abort').length, 0)
  assert.equal(parent.signal.aborted, false)
})
