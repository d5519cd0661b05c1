import { request } from 'node:http'
import type { Agent } from 'node:http'
import type { Call } from './call.ts'
import type { Answer } from './normalise.ts'
import { converse } from './socket.ts'

const comparedHeaders = ['content-type', 'location', 'content-disposition']
const presenceHeaders = ['retry-after']
const callTimeoutMs = 30_000

/** Sends a call whose references are filled in. Bodies that are not JSON come back as `{ text }`. */
export async function send(call: Call, apiUrl: string, agent: Agent): Promise<Answer> {
  if (call.socket) return await converse(call, apiUrl)
  const url = /^https?:/.test(call.path) ? call.path : `${call.atRoot ? new URL(apiUrl).origin : apiUrl}${call.path}`
  const payload = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
  const headers: Record<string, string> = {}
  if (payload !== undefined) {
    headers['content-length'] = String(Buffer.byteLength(payload))
    if (call.raw === undefined) headers['content-type'] = 'application/json'
  }
  Object.assign(headers, call.headers)
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { method: call.method, headers, agent, timeout: callTimeoutMs })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer after ${callTimeoutMs} ms`)))
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const kept: Record<string, string> = {}
        for (const name of comparedHeaders) {
          const value = incoming.headers[name]
          if (value !== undefined) kept[name] = String(value)
        }
        for (const name of presenceHeaders) if (incoming.headers[name] !== undefined) kept[name] = '<present>'
        resolve({ status: incoming.statusCode ?? 0, headers: kept, body: parseBody(text) })
      })
    })
    outgoing.end(payload)
  })
}

function parseBody(text: string): unknown {
  if (text === '') return '<empty>'
  try {
    return JSON.parse(text)
  } catch {
    return { text }
  }
}
