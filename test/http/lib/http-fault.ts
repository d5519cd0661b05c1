import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../../server/server-process.ts'

type AfterHook = { after(work: () => unknown): void }

export const soak = process.env['SPILLWAY_SOAK'] === '1'

export interface HttpTarget extends ServerProcess {
  readonly port: number
  /** How often a bound was reached. */
  reached(limit: string): Promise<number>
  /** A line of the metrics, labels included; 0 when it is not there. */
  metric(line: string): Promise<number>
  post(path: string, body: unknown): Promise<Response>
  residentBytes(): number
}

/** A server process on an empty database, with some bounds changed. */
export async function startHttpTarget(t: AfterHook, limits: Readonly<Record<string, number>> = {}, env: Readonly<Record<string, string>> = {}): Promise<HttpTarget> {
  const server = await startServerProcess(t, {
    SPILLWAY_HOME: temporaryFolder(t),
    SPILLWAY_LIMITS: Object.entries(limits).map(([name, value]) => `${name}=${value}`).join(),
    ...env,
  })
  const metric = async (line: string): Promise<number> => {
    const text = await (await fetch(`${server.url}/api/metrics`)).text()
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `))
    return found === undefined ? 0 : Number(found.slice(line.length + 1))
  }
  return {
    ...server,
    port: Number(new URL(server.url).port),
    metric,
    reached: (limit) => metric(`spillway_limit_reached_total{limit="${limit}"}`),
    post: (path, body) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    residentBytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) * 1024,
  }
}

export interface RawPeer {
  readonly socket: Socket
  /** What came so far, bytes as characters. */
  received(): string
  /** Resolves when the connection is gone, with the time it was open, in ms. */
  readonly ended: Promise<number>
}

/** A connection that speaks bytes. With many of them, spread over some loopback addresses. It is destroyed with the test. */
export function rawPeer(t: AfterHook, port: number, number = 0): RawPeer {
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (number % 8)}` })
  const startedMs = performance.now()
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => {})
  const ended = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now() - startedMs)))
  t.after(() => socket.destroy())
  return { socket, received: () => text, ended }
}

/** Sends bytes and resolves with all that came until the server closed the connection. */
export async function exchange(t: AfterHook, port: number, bytes: string): Promise<string> {
  const peer = rawPeer(t, port)
  peer.socket.write(bytes, 'latin1')
  await peer.ended
  return peer.received()
}

/** The status codes of all answers in what a connection received. */
export function statusesOf(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
