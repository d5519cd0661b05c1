import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersionAtLeast, clientVersionFromUserAgent, compareVersions, versionAtLeast } from './client-version.ts'

test('versions are ordered as Python packaging orders them', () => {
  const rising = [
    '3.0.0.dev1', '3.0.0a1.dev2', '3.0.0a1', '3.0.0b2', '3.0.0rc2', '3.0.0rc20', '3.0.0', '3.0.0.post1.dev1',
    '3.0.0.post1', '3.0.1', '3.4.9', '3.4.10', '3.4.11', '3.10.0', '10.0',
  ]
  for (const [i, left] of rising.entries()) {
    for (const [j, right] of rising.entries()) {
      assert.equal(compareVersions(left, right), Math.sign(i - j), `${left} and ${right}`)
    }
  }
})

test('trailing zeros and local parts make no difference', () => {
  assert.equal(compareVersions('3.4', '3.4.0'), 0)
  assert.equal(compareVersions('3.4.11+5.gabc', '3.4.11'), 0)
})

test('a client whose version is unknown or unreadable counts as old', () => {
  assert.equal(versionAtLeast(null, '3.4.11'), false)
  assert.equal(versionAtLeast('newest', '3.4.11'), false)
  assert.equal(versionAtLeast('3.4.11', '3.4.11'), true)
  assert.equal(versionAtLeast('3.4.11rc1', '3.4.11'), false)
})

test('a client that names no API version gets the behaviour of the newest', () => {
  assert.equal(apiVersionAtLeast(null, '0.8.4'), true)
  assert.equal(apiVersionAtLeast('0.8.3', '0.8.4'), false)
})

test('the version of a client is read from its user agent', () => {
  for (const [agent, want] of [
    ['prefect/3.8.8 (API 0.8.4)', '3.8.8'],
    ['prefect/3.0.0rc20 (API 0.8.4)', '3.0.0rc20'],
    ['prefect/3.4.11+12.gdeadbee.dirty (API 0.8.4)', '3.4.11+12.gdeadbee.dirty'],
    ['curl/8.1', null],
    ['', null],
    [undefined, null],
  ] as const) {
    assert.equal(clientVersionFromUserAgent(agent), want, agent)
  }
})
