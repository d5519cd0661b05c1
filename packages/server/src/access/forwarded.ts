import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** What is looked at of a request. */
export interface RequestHead {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** The peers whose forwarded headers are believed (`SPILLWAY_TRUSTED_PROXIES`); without a name in it, none are. */
export class TrustedProxies {
  readonly #list = new BlockList()
  #isEmpty = true

  /** @returns false for what is neither an address, a network (`192.0.2.0/24`) nor `loopback`. */
  add(name: string): boolean {
    if (name === 'loopback') return this.add('127.0.0.0/8') && this.add('::1')
    const [address = '', digits, ...more] = name.split('/')
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    if (version === 0 || more.length > 0 || (digits !== undefined && !(/^\d{1,3}$/.test(digits) && Number(digits) <= bits))) return false
    this.#list.addSubnet(address, digits === undefined ? bits : Number(digits), version === 4 ? 'ipv4' : 'ipv6')
    this.#isEmpty = false
    return true
  }

  includes(address: string): boolean {
    if (this.#isEmpty) return false
    const version = isIP(address)
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * The address of the client: of the peer itself, or the one that trusted proxies name. What others send is not looked at.
 *
 * @returns the empty string when the connection is gone and nobody has asked before.
 */
export function clientAddress(request: RequestHead, proxies: TrustedProxies): string {
  return readForwarded(request, proxies)?.address ?? peerAddress(request.socket)
}

/** `https://flows.example/team`: how the client reaches this server, without the path of the API. */
export function clientBaseUrl(request: RequestHead, proxies: TrustedProxies): string {
  const { scheme = 'http', host = request.headers.host ?? 'localhost', prefix = '' } = readForwarded(request, proxies) ?? {}
  return `${scheme}://${host}${prefix}`
}

interface Forwarded {
  address: string
  scheme: string | undefined
  host: string | undefined
  prefix: string | undefined
}

/** What one proxy says of whom it got the request from. */
interface Hop {
  for?: string | undefined
  proto?: string | undefined
  host?: string | undefined
}

/** @returns undefined when the peer is no trusted proxy. */
function readForwarded(request: RequestHead, proxies: TrustedProxies): Forwarded | undefined {
  let address = peerAddress(request.socket)
  if (!proxies.includes(address)) return undefined
  const { headers } = request
  // A proxy that speaks one dialect passes the other on as the client sent it. The older one is what most speak.
  const spoken = ['for', 'proto', 'host'].map((name) => listOf(headers[`x-forwarded-${name}`]))
  const [fors = [], protos = [], hosts = []] = spoken
  const standard = spoken.every((list) => list.length === 0) ? parseForwarded(listOf(headers['forwarded']).join(',')) : undefined
  const named = standard?.map((hop) => hop.for) ?? fors
  // From the nearest proxy outwards, as long as the speaker is trusted: what is left of that, the client may have made up.
  let hops = 0
  while (hops < named.length && proxies.includes(address)) {
    hops += 1
    const next = addressIn(named.at(-hops) ?? '')
    if (next === undefined) break
    address = next
  }
  const told = Math.max(1, hops)
  const hop = standard ? outermost(standard, told) : { proto: outermost(protos, told), host: outermost(hosts, told) }
  const prefix = outermost(listOf(headers['x-forwarded-prefix']), told)?.replace(/\/+$/, '')
  return {
    address,
    scheme: /^https?$/i.exec(hop?.proto ?? '')?.[0].toLowerCase(),
    host: /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.exec(hop?.host ?? '')?.[0],
    prefix: /^(?:\/[\w.~-]+)+$/.exec(prefix ?? '')?.[0],
  }
}

/** The address at the other end of a connection, IPv4 in its own form; empty when the connection is gone. */
export function peerAddress({ remoteAddress: address = '' }: RequestHead['socket']): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** The entry of the outermost trusted proxy, of a list to which each proxy adds one or that one proxy has set. */
function outermost<T>(entries: readonly T[], hops: number): T | undefined {
  return entries[Math.max(0, entries.length - hops)]
}

function listOf(header: string | readonly string[] | undefined): string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',')
  return text.split(',').map((part) => part.trim()).filter(Boolean)
}

/** The address out of `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`; undefined for `unknown` and the like. */
function addressIn(node: string): string | undefined {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(node)?.[1] ?? /^([\d.]+):\d+$/.exec(node)?.[1] ?? node
  return isIP(bare) === 0 ? undefined : bare
}

/** The `Forwarded` header of RFC 7239. A name is looked for at its beginning only, or a long word would cost its square. */
function parseForwarded(text: string): Hop[] {
  if (text === '') return []
  const hops: Record<string, string>[] = [{}]
  for (const [part, name, value = ''] of text.matchAll(/(?<![\w-])([\w-]+)=("(?:[^"\\]|\\.)*"|[^",;\s]*)|,/g)) {
    if (part === ',') hops.push({})
    else hops.at(-1)![name!.toLowerCase()] = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
  }
  return hops
}
