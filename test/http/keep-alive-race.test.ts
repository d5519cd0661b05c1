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
/** The server closes a second after what it says. Half of that is for a machine that holds up the sender, the rest for one that holds up the server. */
const lateMs = 500
const request = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n'

test(`${connections * rounds} requests sent as a connection's idle time runs out are all answered`, async (t) => {
  const server = await startHttpTarget(t, soak ? {} : { keepAliveLeastMs: 1_000 }, { PREFECT_SERVER_API_KEEPALIVE_TIMEOUT: String(keepAliveSeconds) })
  let resets = 0
  let answered = 0
  let tooLate = 0
  const dial = async (number: number): Promise<(bytes: string) => Promise<string>> => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (number % 8)}`, noDelay: true })
    t.after(() => socket.destroy())
    let answer = Promise.withResolvers<string>()
    socket.on('data', (chunk: Buffer) => answer.resolve(chunk.toString()))
    socket.on('error', () => {})
    socket.once('close', () => answer.resolve('closed'))
    await once(socket, 'connect')
    return (bytes) => {
      answer = Promise.withResolvers<string>()
      if (socket.destroyed) answer.resolve('closed')
      socket.write(bytes)
      return answer.promise
    }
  }
  const one = async (number: number): Promise<void> => {
    let send = await dial(number)
    for (let inTime = 0; ; ) {
      // The server's clock starts after this moment.
      const askedMs = performance.now()
      const text = await send(request)
      if (!text.startsWith('HTTP/1.1 200')) {
        resets += 1
        return
      }
      answered += 1
      assert.match(text, new RegExp(`keep-alive: timeout=${keepAliveSeconds}\\r\\n`, 'i'))
      if (inTime === rounds) return
      // Idle for what was promised, five milliseconds more or less.
      await delay(keepAliveSeconds * 1000 - 5 + (number % 11))
      if (performance.now() - askedMs <= keepAliveSeconds * 1000 + lateMs) inTime += 1
      else {
        // A sender that the machine held up beyond the promise proves nothing: it begins anew.
        tooLate += 1
        assert.ok(tooLate < connections * rounds, 'most of them can ask in time')
        send = await dial(number)
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, number) => one(number)))
  t.diagnostic(JSON.stringify({ answered, tooLate }))
  assert.equal(resets, 0)
})
