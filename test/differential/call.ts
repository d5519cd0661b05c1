/**
 * One HTTP call of a scripted list. Strings in `path`, `body`, `raw` and `headers` may hold `@{…}`:
 *
 * - `@{flow.id}`: a value from the answer of the earlier call that was named `flow`
 *   (a string that is nothing but one such reference takes the value as it is, whatever its type);
 * - `@{now+3600}`, `@{now-60}`: ISO time relative to the start of the list, in seconds.
 */
export type Call = {
  method: string
  path: string
  body?: unknown
  /** Sent as it is, in place of `body`: for broken JSON and odd content types. */
  raw?: string
  headers?: Record<string, string>
  /** Name under which later calls refer to the answer. */
  as?: string
  /** Field paths of arrays whose order means nothing, such as `tags` or `results[*].tags`; `.` is the body itself. */
  unordered?: string[]
  /** Record only these fields of the body. */
  pick?: string[]
  /** Record only keys and types of the body, down to this depth. */
  shapeDepth?: number
  /** Ask again until the field has the value (at most 20 s), for what a server does in the background. */
  until?: { field: string; is: unknown }
  /** A conversation over a websocket in place of a request; the method is `WS`. */
  socket?: SocketTalk
  /** The path does not start at the API mount but at the root of the server. */
  atRoot?: boolean
}

export type SocketTalk = {
  /** Default: the subprotocol that all clients ask for. */
  protocols?: string[]
  steps: SocketStep[]
}

/**
 * `send`: an object as JSON, a string as it is. `receive`: wait for that many messages. `ping`: wait for the pong.
 * `call`: a request beside the socket. `closed`: wait until the server closes.
 */
export type SocketStep =
  | { send: unknown }
  | { receive: number }
  | { ping: true }
  | { call: { method: string; path: string; body: unknown } }
  | { closed: true }

export type CallOptions = Omit<Call, 'method' | 'path' | 'body'>

export type CallList = {
  name: string
  /** Settings of the server that this list needs, beyond the common ones. */
  env?: Record<string, string>
  calls: Call[]
}

export function get(path: string, options: CallOptions = {}): Call {
  return { method: 'GET', path, ...options }
}

export function post(path: string, body?: unknown, options: CallOptions = {}): Call {
  return body === undefined ? { method: 'POST', path, ...options } : { method: 'POST', path, body, ...options }
}

export function put(path: string, body: unknown, options: CallOptions = {}): Call {
  return { method: 'PUT', path, body, ...options }
}

export function patch(path: string, body: unknown, options: CallOptions = {}): Call {
  return { method: 'PATCH', path, body, ...options }
}

export function del(path: string, options: CallOptions = {}): Call {
  return { method: 'DELETE', path, ...options }
}

/** A conversation over a websocket; its answer holds what was received and how it was closed. */
export function talk(path: string, steps: SocketStep[], options: { protocols?: string[] } & CallOptions = {}): Call {
  const { protocols, ...rest } = options
  return { method: 'WS', path, socket: { steps, ...(protocols ? { protocols } : {}) }, ...rest }
}

/** A uuid that no server has made, and that the recordings keep as it is. */
export const unknownId = '00000000-0000-4000-8000-0000000000ff'

/** A fixed uuid for objects whose id the client chooses. */
export function fixedId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}
