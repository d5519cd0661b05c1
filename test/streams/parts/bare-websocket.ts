/**
 * The least websocket server that lets peers in, takes JSON and keeps it, and tells that it lives: what any server has to spend on that.
 * Tells its port.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const http = createServer((_request, response) => response.end('true'))
const server = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => 'prefect' })
let kept = ''
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.once('message', () => {
    socket.send('{"type":"auth_success"}')
    socket.on('message', (data) => {
      try {
        kept = JSON.stringify(JSON.parse((data as Buffer).toString('utf8')))
      } catch {
        kept = ''
      }
    })
  })
})
http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => process.send!((http.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(kept.length > 0 ? 0 : 1))
