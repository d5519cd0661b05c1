import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { openTunnel, proxyFor } from './proxy-tunnel.ts'

test('the proxy comes from the environment as for HTTP, and NO_PROXY makes exceptions', () => {
  const env = { HTTPS_PROXY: 'http://proxy:8080', HTTP_PROXY: 'plain:3128', NO_PROXY: 'localhost,.internal,*.corp,192.0.2.7:4200' }
  const cases: [url: string, proxy: string | undefined][] = [
    ['wss://api.example.test/events', 'proxy:8080'],
    ['ws://api.example.test/events', 'plain:3128'],
    ['ws://localhost:4200/x', undefined],
    ['wss://a.b.internal/x', undefined],
    ['wss://server.corp/x', undefined],
    ['ws://192.0.2.7:4200/x', undefined],
    ['ws://192.0.2.7:4300/x', 'plain:3128'],
  ]
  for (const [url, proxy] of cases) assert.equal(proxyFor(new URL(url), env)?.host, proxy, url)
  assert.equal(proxyFor(new URL('wss://x.test'), { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }), undefined)
  assert.equal(proxyFor(new URL('wss://x.test'), {}), undefined)
})

async function startProxy(t: TestContext, answer: (socket: Socket, head: string) => void): Promise<URL> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (head) => answer(socket, head.toString()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`http://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('a tunnel is asked for with the name and password of the proxy', async (t) => {
  let head = ''
  const proxy = await startProxy(t, (socket, text) => {
    head = text
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
  })
  const socket = await openTunnel(proxy, new URL('ws://far.test:4200/api'), 5000)
  socket.destroy()
  assert.match(head, /^CONNECT far\.test:4200 HTTP\/1\.1/)
  assert.ok(head.includes(`Basic ${Buffer.from('me:secret').toString('base64')}`))
})

test('a proxy that hangs, refuses or wants a password is named with what is wrong', async (t) => {
  const hanging = await startProxy(t, () => {})
  await assert.rejects(openTunnel(hanging, new URL('wss://far.test/api'), 100), (error: Error) => error.message.includes(hanging.host) && /did not open a way to far\.test:443 within 0\.1 s/.test(error.message))
  const strict = await startProxy(t, (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'))
  await assert.rejects(openTunnel(strict, new URL('wss://far.test/api'), 5000), /answered 407: it wants a user name/)
  await assert.rejects(openTunnel(new URL('http://127.0.0.1:1'), new URL('wss://far.test/api'), 5000), /127\.0\.0\.1:1 failed: .*ECONNREFUSED/)
})
