import assert from 'node:assert/strict'
import { startTestServer } from '../server/in-process.ts'
import { startHaproxy, startNginx, testBehind } from './lib/proxy-process.ts'
import { openThrough, upgradeThrough } from './lib/clients.ts'

testBehind('nginx', 'a websocket and a request go through the shipped nginx file', async (t) => {
  const server = await startTestServer(t, { SPILLWAY_TRUSTED_PROXIES: 'loopback' })
  const proxy = await startNginx(t, { upstreamPort: server.port })
  const subscriber = await openThrough(t, proxy, '/api/events/out')
  assert.equal(subscriber.readyState, subscriber.OPEN)
})

testBehind('nginx', 'nginx that drops the upgrade headers: 426, and the answer says what is wrong (G02)', async (t) => {
  const server = await startTestServer(t)
  const proxy = await startNginx(t, {
    upstreamPort: server.port,
    tls: false,
    change: [['proxy_set_header Upgrade    $http_upgrade;', ''], ['proxy_set_header Connection $spillway_connection;', '']],
  })
  const answer = await upgradeThrough(proxy, '/api/events/out')
  assert.equal(answer.status, 426)
  assert.match(answer.body, /a proxy on the way drops the Upgrade and Connection headers/)
})

testBehind('nginx', 'nginx that speaks HTTP/1.0 to the server: 426, and the answer says what is wrong (G10)', async (t) => {
  const server = await startTestServer(t)
  const proxy = await startNginx(t, { upstreamPort: server.port, tls: false, change: [['proxy_http_version 1.1;', '']] })
  const answer = await upgradeThrough(proxy, '/api/events/out')
  assert.equal(answer.status, 426)
  assert.match(answer.body, /speaks HTTP\/1\.0/)
})

testBehind('haproxy', 'a websocket and a request go through the shipped HAProxy file', async (t) => {
  const server = await startTestServer(t, { SPILLWAY_TRUSTED_PROXIES: 'loopback' })
  const proxy = await startHaproxy(t, { upstreamPort: server.port })
  const subscriber = await openThrough(t, proxy, '/api/events/out')
  assert.equal(subscriber.readyState, subscriber.OPEN)
})
