import { WebSocket } from 'ws'
import type { Call, SocketStep } from './call.ts'
import type { Answer } from './normalise.ts'

const stepTimeoutMs = 8000
const prefectProtocol = 'prefect'

/** Leads one conversation over a websocket and tells what came of it; nothing of it throws. */
export async function converse(call: Call, apiUrl: string): Promise<Answer> {
  const url = `${apiUrl.replace(/^http/, 'ws')}${call.path}`
  const socket = new WebSocket(url, call.socket?.protocols ?? [prefectProtocol], { headers: call.headers ?? {} })
  const talk = new Conversation(socket)
  const refusal = await talk.opened()
  if (refusal !== undefined) return { status: refusal, headers: {}, body: { refused: true } }
  const missed: string[] = []
  for (const step of call.socket?.steps ?? []) {
    const problem = await talk.take(step, apiUrl)
    if (problem !== undefined) missed.push(problem)
    if (talk.closed) break
  }
  const close = talk.closed ?? 'open'
  socket.terminate()
  return { status: 101, headers: {}, body: { protocol: socket.protocol, received: talk.received, close, missed } }
}

class Conversation {
  readonly received: unknown[] = []
  closed: { code: number; reason: string } | undefined
  private readonly socket: WebSocket
  private seen = 0
  private wake: () => void = () => {}
  private pongs = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      this.received.push(parse(String(data)))
      this.wake()
    })
    socket.on('pong', () => {
      this.pongs += 1
      this.wake()
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
      this.wake()
    })
    socket.on('error', () => this.wake())
  }

  /** The HTTP status of a refusal, or undefined once the socket is open. */
  async opened(): Promise<number | undefined> {
    return await new Promise((resolve) => {
      this.socket.once('open', () => resolve(undefined))
      this.socket.once('unexpected-response', (request, response) => {
        request.destroy()
        resolve(response.statusCode ?? 0)
      })
      this.socket.once('error', () => resolve(0))
    })
  }

  async take(step: SocketStep, apiUrl: string): Promise<string | undefined> {
    if ('send' in step) {
      this.socket.send(typeof step.send === 'string' ? step.send : JSON.stringify(step.send))
      return undefined
    }
    if ('call' in step) {
      const { method, path, body } = step.call
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${apiUrl}${path}`, { method, headers, body: JSON.stringify(body) })
      await answer.arrayBuffer()
      return answer.ok ? undefined : `the call was answered ${answer.status}`
    }
    if ('ping' in step) {
      const before = this.pongs
      this.socket.ping()
      return await this.until(() => this.pongs > before, 'no pong')
    }
    if ('receive' in step) {
      this.seen += step.receive
      return await this.until(() => this.received.length >= this.seen, `fewer than ${this.seen} messages`)
    }
    return await this.until(() => this.closed !== undefined, 'not closed')
  }

  private async until(reached: () => boolean, problem: string): Promise<string | undefined> {
    const deadline = Date.now() + stepTimeoutMs
    while (!reached()) {
      const leftMs = deadline - Date.now()
      if (leftMs <= 0 || (this.closed !== undefined && !reached())) return problem
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
