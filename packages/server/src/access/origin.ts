/**
 * Guards against DNS rebinding and cross-site websockets. A page of another site that makes the browser talk to this server
 * carries either a foreign Host (its own name, rebound to this address) or a foreign Origin. Stock clients send no Origin and
 * a Host that is an address or a name the operator chose, so they never notice.
 */
export interface HostRules {
  /** True when the server listens on loopback only: then only loopback names are plausible. */
  readonly loopbackOnly: boolean
  /** Further names the operator allows, lower case, without port; `*` allows all. */
  readonly allowedHosts: ReadonlySet<string>
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '::1', '[::1]', '0.0.0.0'])

/** The name in a Host header or an origin's authority, without the port, lower case. */
export function hostName(authority: string): string {
  const bracket = authority.lastIndexOf(']')
  const colon = authority.lastIndexOf(':')
  return (colon > bracket ? authority.slice(0, colon) : authority).toLowerCase()
}

function isLoopback(name: string): boolean {
  return loopbackNames.has(name) || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name)
}

/** True for a request with more than one Host header: Node tells the first, a proxy in front may have gone by the other. */
export function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]!.toLowerCase() === 'host') hosts += 1
  return hosts > 1
}

/** False for a Host that a rebound name would carry. */
export function isHostAllowed(host: string | undefined, rules: HostRules): boolean {
  if (!rules.loopbackOnly || rules.allowedHosts.has('*')) return true
  if (host === undefined) return false
  const name = hostName(host)
  return isLoopback(name) || rules.allowedHosts.has(name)
}

/** False for a websocket that a page of another site opens. Requests without an Origin do not come from a page. */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, rules: HostRules): boolean {
  if (origin === undefined || rules.allowedHosts.has('*')) return true
  let originHost: string
  try {
    originHost = new URL(origin).host
  } catch {
    return false
  }
  const name = hostName(originHost)
  return originHost.toLowerCase() === host?.toLowerCase() || isLoopback(name) || rules.allowedHosts.has(name)
}
