import { readFileSync } from 'node:fs'
import { request as plainRequest, type RequestOptions } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ProxyProcess } from './proxy-process.ts'

type AfterHook = { after(work: () => unknown): void }

/** A proxy, or whatever else stands before the server. */
export type Way = Pick<ProxyProcess, 'url' | 'port'> & Partial<Pick<ProxyProcess, 'certificateFile'>>

interface Answer {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

/** One request through a proxy, over TLS where it has that, with its certificate checked. */
export function callThrough(proxy: Way, method: string, path: string, { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  const { protocol } = new URL(proxy.url)
  const options: RequestOptions = { host: '127.0.0.1', port: proxy.port, method, path, headers }
  return new Promise((resolve, reject) => {
    const sent = protocol === 'https:' ? tlsRequest({ ...options, ...authority(proxy) }) : plainRequest(options)
    sent.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      response.on('error', reject)
    })
    sent.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** What answers a websocket's handshake: 101, or the refusal with its body. */
export function upgradeThrough(proxy: Way, path: string): Promise<Answer> {
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': Buffer.alloc(16).toString('base64'), 'sec-websocket-protocol': 'prefect' }
  return callThrough(proxy, 'GET', path, { headers })
}

/** A websocket through a proxy with Prefect's handshake done. It is ended with the test. */
export async function openThrough(t: AfterHook, proxy: Way, path: string): Promise<WebSocket> {
  const socket = new WebSocket(proxy.url.replace('http', 'ws') + path, 'prefect', authority(proxy))
  t.after(() => socket.terminate())
  socket.on('error', () => {})
  await Promise.race([once(socket, 'open'), once(socket, 'close').then(() => Promise.reject(new Error(`${path} was refused`)))])
  const answered = once(socket, 'message')
  socket.send('{"type":"auth","token":null}')
  await answered
  return socket
}

function authority({ certificateFile }: Way): { ca?: Buffer } {
  return certificateFile === undefined ? {} : { ca: readFileSync(certificateFile) }
}
