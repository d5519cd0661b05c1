import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'

export interface ProxyRules {
  /** @returns whether it has answered the request itself. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** @returns whether it has dealt with the upgrade itself. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex) => boolean
  /** Asked when the server has answered: false leaves the caller without its answer. */
  readonly lets?: (request: IncomingMessage) => boolean
}

export interface Proxy {
  /** With `/api`. */
  readonly apiUrl: string
  /** Paths of all upgrades. */
  readonly upgrades: string[]
  /** `METHOD path` of all requests. */
  readonly requests: string[]
}

/** A proxy before a server that the test steers; it is gone with the test, or else when all tests of the file are over. */
export async function startProxy(serverUrl: string, rules: ProxyRules = {}, t?: TestContext): Promise<Proxy> {
  const { port } = new URL(serverUrl)
  const host = `127.0.0.1:${port}`
  const upgrades: string[] = []
  const requests: string[] = []
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`)
    if (rules.onRequest?.(incoming, outgoing)) return
    const onward = request({ port, method: incoming.method, path: incoming.url, headers: { ...incoming.headers, host } }, (answer) => {
      if (rules.lets?.(incoming) === false) return incoming.socket.destroy()
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  server.on('upgrade', (incoming, socket, head) => {
    upgrades.push(incoming.url!)
    socket.on('error', () => {})
    if (rules.onUpgrade?.(incoming, socket)) return
    const onward = connect(Number(port), '127.0.0.1', () => {
      const lines = Object.entries({ ...incoming.headers, host }).map(([name, value]) => `${name}: ${String(value)}`)
      onward.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = (): void => {
    server.closeAllConnections()
    server.close()
  }
  if (t) t.after(end)
  else atEnd(end)
  return { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, upgrades, requests }
}
