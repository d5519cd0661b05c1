import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { clientAddress, clientBaseUrl, TrustedProxies } from './forwarded.ts'

function trust(...names: string[]): TrustedProxies {
  const proxies = new TrustedProxies()
  for (const name of names) assert.ok(proxies.add(name), name)
  return proxies
}

const from = (remoteAddress: string | undefined, headers: IncomingHttpHeaders = {}) => ({ headers, socket: { remoteAddress } })

/** What a client would like to be taken for. */
const madeUp: IncomingHttpHeaders = {
  host: 'flows.example:4200',
  'x-forwarded-for': '198.51.100.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'attacker.example',
  'x-forwarded-prefix': '/elsewhere',
  forwarded: 'for=198.51.100.1;proto=https;host=attacker.example',
}

test('forwarded headers of a peer that is not listed are ignored, all of them', () => {
  for (const proxies of [trust(), trust('192.0.2.0/24', '2001:db8::/32')]) {
    assert.equal(clientAddress(from(undefined, madeUp), proxies), '')
    for (const peer of ['127.0.0.1', '::1', '203.0.113.9', '2001:db9::1']) {
      assert.equal(clientAddress(from(peer, madeUp), proxies), peer)
      assert.equal(clientBaseUrl(from(peer, madeUp), proxies), 'http://flows.example:4200')
    }
  }
})

test('addresses, networks and loopback are listed peers, also when IPv4 comes as IPv6', () => {
  const proxies = trust('192.0.2.7', '198.51.100.0/24', '2001:db8::/32', 'loopback')
  for (const peer of ['192.0.2.7', '198.51.100.200', '::ffff:198.51.100.3', '2001:db8:1::5', '127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    assert.equal(clientAddress(from(peer, { 'x-forwarded-for': '203.0.113.9' }), proxies), '203.0.113.9', peer)
  }
  for (const peer of ['192.0.2.8', '::ffff:192.0.2.8', '2001:db9::1', '']) assert.equal(proxies.includes(peer), false, peer)
})

test('what is no address, network or loopback is not taken', () => {
  for (const name of ['', 'proxy.example', '192.0.2.0/33', '192.0.2.0/', '192.0.2.0/24/8', '2001:db8::/129', '192.0.2', '*', 'none']) {
    assert.equal(new TrustedProxies().add(name), false, name)
  }
})

const chains: [what: string, header: string, client: string][] = [
  ['one entry', '203.0.113.9', '203.0.113.9'],
  ['an entry that the client made up in front of its own', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['a further trusted proxy', '203.0.113.9, 192.0.2.2', '203.0.113.9'],
  ['made up in front of two proxies', '127.0.0.1, 203.0.113.9, 192.0.2.2', '203.0.113.9'],
  ['trusted addresses throughout', '192.0.2.3, 192.0.2.2', '192.0.2.3'],
  ['a port', '203.0.113.9:5123', '203.0.113.9'],
  ['IPv6 with a port', '[2001:db8::9]:5123', '2001:db8::9'],
  ['no address: the proxy itself is what is known', 'unknown', '192.0.2.1'],
  ['an entry that is no address behind one that is', '203.0.113.9, _hidden', '192.0.2.1'],
  ['nothing', '', '192.0.2.1'],
]
for (const [what, header, client] of chains) {
  test(`the client address out of X-Forwarded-For with ${what}`, () => {
    assert.equal(clientAddress(from('192.0.2.1', { 'x-forwarded-for': header }), trust('192.0.2.0/24')), client)
  })
}

test('the base URL has the scheme, host and prefix that a trusted proxy tells', () => {
  const proxies = trust('loopback')
  const cases: [IncomingHttpHeaders, string][] = [
    [{ host: 'localhost:4200', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'flows.example' }, 'https://flows.example'],
    [{ host: 'flows.example', 'x-forwarded-proto': 'https' }, 'https://flows.example'],
    [{ host: 'localhost:4200', 'x-forwarded-host': 'flows.example:8443', 'x-forwarded-prefix': '/team/' }, 'http://flows.example:8443/team'],
    [{ host: 'localhost:4200', 'x-forwarded-host': '[2001:db8::1]:80' }, 'http://[2001:db8::1]:80'],
    [{ host: 'localhost:4200', forwarded: 'for="[2001:db8::9]:4711";proto=https;host="flows.example:8443"' }, 'https://flows.example:8443'],
    [{ host: 'localhost:4200', forwarded: 'For=203.0.113.9; Proto=HTTPS; Host=flows.example, for=127.0.0.1' }, 'https://flows.example'],
    [{ host: 'localhost:4200' }, 'http://localhost:4200'],
  ]
  for (const [headers, url] of cases) assert.equal(clientBaseUrl(from('127.0.0.1', headers), proxies), url)
})

test('values that no URL can hold are passed over', () => {
  const headers = { host: 'flows.example', 'x-forwarded-proto': 'javascript', 'x-forwarded-host': 'a.example/@b', 'x-forwarded-prefix': '//b.example' }
  assert.equal(clientBaseUrl(from('::1', headers), trust('loopback')), 'http://flows.example')
})

test('of several schemes and hosts the outermost trusted proxy counts', () => {
  const headers = {
    host: 'inner',
    'x-forwarded-for': '203.0.113.9, 192.0.2.2',
    'x-forwarded-proto': 'http, https, http',
    'x-forwarded-host': 'attacker.example, flows.example, inner',
  }
  assert.equal(clientBaseUrl(from('192.0.2.1', headers), trust('192.0.2.0/24')), 'https://flows.example')
  assert.equal(clientBaseUrl(from('192.0.2.1', headers), trust('192.0.2.1')), 'http://inner')
})

test('a Forwarded header beside X-Forwarded-… is not looked at: the proxy has only passed it on', () => {
  const headers = { host: 'inner', 'x-forwarded-for': '203.0.113.9', forwarded: 'for=198.51.100.1;proto=https;host=attacker.example' }
  const request = from('127.0.0.1', headers)
  assert.equal(clientAddress(request, trust('loopback')), '203.0.113.9')
  assert.equal(clientBaseUrl(request, trust('loopback')), 'http://inner')
})

test('the client address out of Forwarded, also with quotes, and none from nonsense', () => {
  const proxies = trust('loopback', '192.0.2.0/24')
  const address = (forwarded: string) => clientAddress(from('127.0.0.1', { forwarded }), proxies)
  assert.equal(address('for=198.51.100.1, for="203.0.113.9:80";by=_a, for=192.0.2.2'), '203.0.113.9')
  assert.equal(address('for="[2001:db8::9]"'), '2001:db8::9')
  assert.equal(address('for=_hidden'), '127.0.0.1')
  for (const nonsense of ['a="', 'a', '\\"', ',', 'for=;', 'for="\\']) assert.equal(address(nonsense.repeat(16_000 / nonsense.length)), '127.0.0.1')
})
