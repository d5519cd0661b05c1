import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import { readSdkSettings } from '../settings.ts'
import { socketFeed } from './event-feed.ts'

test('a message that is no JSON ends the connection, and not the process', async (t) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      if ((JSON.parse(data.toString()) as { type: string }).type === 'auth') return socket.send('{"type":"auth_success"}')
      socket.send('{"type":"event"}')
      socket.send('<html>')
    })
  })
  const settings = readSdkSettings({ PREFECT_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api` })
  const types: string[] = []
  for await (const { type } of socketFeed(settings, { filter: {} }, new AbortController().signal)) types.push(type)
  assert.deepEqual(types, ['event'])
})
