import { once } from 'node:events'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { durationMs, type Duration } from '../duration.ts'

/** Which requests get the answer of a fault. */
export interface HttpFaultOptions {
  /** How many requests are answered so. Default 1. */
  readonly times?: number
  /** Only requests whose path holds this text, such as `/set_state`. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Trouble on the way to a server, for tests of what flows and tasks do about it. */
export interface Faults {
  /** Cuts the websockets that are open. @returns how many. */
  dropSocket(): number
  /** Websockets are refused with this status from now on, as by a proxy that knows none. Default 403. */
  refuseUpgrade(status?: number): void
  /** The next requests are answered with this status, and do not reach the server. */
  http(status: number, options?: HttpFaultOptions): void
  /** Each request takes so much longer from now on. */
  slow(duration: Duration): void
  /** The server is away from now on: connections are cut, and new ones as well. */
  away(): void
  /** Stops this thread for so long, as code does that computes. */
  blockLoop(duration: Duration): void
  /** Everything is well again. */
  reset(): void
}

/** A way to a server on which faults can be made. */
export interface FaultGate {
  readonly faults: Faults
  /** The address of the same path at the gate. */
  readonly apiUrl: string
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly options: HttpFaultOptions
  left: number
}

/** Opens a gate on the loopback in front of an API. */
export async function openFaultGate(apiUrl: string): Promise<FaultGate> {
  const { hostname, port, pathname } = new URL(apiUrl)
  const sockets = new Set<Socket>()
  const upgraded = new Set<Socket>()
  let answers: Answer[] = []
  let refusal: number | undefined
  let slowMs = 0
  let isAway = false

  const pass = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const fault = answers.find((one) => one.left > 0 && asked.url!.includes(one.options.path ?? ''))
    if (slowMs > 0) await delay(slowMs)
    if (fault) {
      fault.left--
      asked.resume()
      answer.writeHead(fault.status, { 'content-type': 'application/json', ...fault.options.headers }).end('{"detail":"a fault of a test"}')
      return
    }
    const onward = forward({ hostname, port, path: asked.url, method: asked.method, headers: asked.headers, agent: false }, (given) => {
      answer.writeHead(given.statusCode!, given.headers)
      given.pipe(answer)
      given.on('error', () => answer.destroy())
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    asked.pipe(onward)
  }
  const server = createServer((asked, answer) => void pass(asked, answer))
  server.on('connection', (socket: Socket) => {
    if (isAway) return socket.destroy()
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`)
    const upstream = connect(Number(port), hostname, () => {
      const headers = asked.rawHeaders.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
      upstream.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${headers}\r\n`)
      upstream.write(head)
      socket.pipe(upstream).pipe(socket)
    })
    upgraded.add(socket)
    const end = (): void => {
      socket.destroy()
      upstream.destroy()
      upgraded.delete(socket)
    }
    for (const side of [socket, upstream]) side.on('error', () => {}).on('close', end)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const faults: Faults = {
    dropSocket: () => {
      const open = [...upgraded]
      for (const socket of open) socket.destroy()
      return open.length
    },
    refuseUpgrade: (status = 403) => void (refusal = status),
    http: (status, options = {}) => void answers.push({ status, options, left: options.times ?? 1 }),
    slow: (duration) => void (slowMs = durationMs(duration)),
    away: () => {
      isAway = true
      for (const socket of sockets) socket.destroy()
    },
    blockLoop: (duration) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs(duration)),
    reset: () => {
      answers = []
      refusal = undefined
      slowMs = 0
      isAway = false
    },
  }
  return {
    faults,
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
