import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

/** The proxy for an address, by `HTTPS_PROXY` or `HTTP_PROXY` and `NO_PROXY` as for HTTP; undefined: none. */
export function proxyFor(target: URL, env: Environment): URL | undefined {
  const isSecure = target.protocol === 'wss:' || target.protocol === 'https:'
  const names = isSecure ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  const proxy = names.map((name) => env[name]).find(Boolean)
  if (!proxy || isExempt(target, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
}

/**
 * A connection through a proxy (CONNECT).
 *
 * @throws with the proxy's name when it does not answer in time or refuses.
 */
export function openTunnel(proxy: URL, target: URL, timeoutMs: number): Promise<Socket> {
  const port = target.port || (target.protocol === 'wss:' || target.protocol === 'https:' ? '443' : '80')
  const where = `${target.hostname}:${port}`
  const credentials = proxy.username === '' ? undefined : `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return new Promise((resolve, reject) => {
    const connect = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: proxy.hostname,
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: where,
      timeout: timeoutMs,
      agent: false,
      headers: {
        host: where,
        ...(credentials === undefined ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
    })
    const fail = (reason: string): void => reject(new Error(`the proxy ${proxy.host} ${reason}`))
    const overdue = setTimeout(() => {
      fail(`did not open a way to ${where} within ${timeoutMs / 1000} s`)
      connect.destroy()
    }, timeoutMs)
    connect.on('close', () => clearTimeout(overdue))
    connect.on('error', (error) => fail(`failed: ${error.message}`))
    connect.on('connect', (response, socket) => {
      clearTimeout(overdue)
      if (response.statusCode === 200) return resolve(socket as Socket)
      socket.destroy()
      fail(`answered ${response.statusCode}${response.statusCode === 407 ? ': it wants a user name and password in its address' : ''}`)
    })
    connect.end()
  })
}

function isExempt(target: URL, list: string): boolean {
  const host = target.hostname.toLowerCase()
  return list.split(/[\s,]+/).some((entry) => {
    const [name = '', port] = entry.toLowerCase().replace(/^\*?\./, '').split(':')
    if (entry === '*') return true
    return name !== '' && (port === undefined || port === target.port) && (host === name || host.endsWith(`.${name}`))
  })
}
