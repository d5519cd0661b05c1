/** The server closes an idle connection just as the client writes on it (C01). */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { startHttpTarget, soak } from './lib/http-fault.ts'

/** What the server says that it keeps an idle connection for: 75 s as it comes, 1 s here so that ten thousand fit into half a minute. */
const keepAliveSeconds = soak ? 75 : 1
const connections = soak ? 1_000 : 500
const rounds = soak ? 10 : 20
const request = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n'

test(`${connections * rounds} requests sent as a connection's idle time runs out are all answered`, async (t) => {
  const server = await startHttpTarget(t, soak ? {} : { keepAliveLeastMs: 1_000 }, { PREFECT_SERVER_API_KEEPALIVE_TIMEOUT: String(keepAliveSeconds) })
  let resets = 0
  let answered = 0
  let tooLate = 0
  const one = async (number: number): Promise<void> => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (number % 8)}`, noDelay: true })
    t.after(() => socket.destroy())
    let answer = Promise.withResolvers<string>()
    socket.on('data', (chunk: Buffer) => answer.resolve(chunk.toString()))
    socket.on('error', () => {})
    socket.once('close', () => answer.resolve('closed'))
    await once(socket, 'connect')
    for (let round = 0; round <= rounds; round += 1) {
      answer = Promise.withResolvers<string>()
      if (socket.destroyed) answer.resolve('closed')
      socket.write(request)
      const text = await answer.promise
      if (text.startsWith('HTTP/1.1 200')) answered += 1
      else {
        resets += 1
        break
      }
      assert.match(text, new RegExp(`keep-alive: timeout=${keepAliveSeconds}\\r\\n`, 'i'))
      // Idle for what was promised, five milliseconds more or less.
      const idleSinceMs = performance.now()
      await delay(keepAliveSeconds * 1000 - 5 + (number % 11))
      // A sender that the machine held up beyond the promise proves nothing.
      if (performance.now() - idleSinceMs > keepAliveSeconds * 1000 + 800) {
        tooLate += 1
        break
      }
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, (_, number) => one(number)))
  assert.equal(resets, 0)
  assert.ok(answered >= connections * rounds * 0.9, `${answered} were in time, ${tooLate} connections were given up`)
})
