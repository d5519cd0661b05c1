/**
 * Asks a server's health route at 20 Hz from a process of its own. Each probe is sent at a fixed moment whatever became of
 * the one before, over a connection of its own if need be, so a frozen server is seen for as long as it was frozen.
 * Driven by IPC: `{ host, port, path, seconds }` in, `{ failures, latencies }` out; `'stop'` ends the probing early.
 */
import { HttpConnection } from './lib/http-connection.ts'
import { Samples, type Percentiles } from './lib/samples.ts'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProbeJob {
  host: string
  port: number
  path: string
  seconds: number
}

export interface ProbeResult {
  failures: number
  latencies: Percentiles
}

const PERIOD_MS = 50
const stop = new AbortController()

async function probe(job: ProbeJob): Promise<ProbeResult> {
  const idle: HttpConnection[] = []
  const latencies = new Samples()
  const running: Promise<void>[] = []
  let failures = 0
  const one = async () => {
    const sentMs = performance.now()
    const connection = idle.pop() ?? new HttpConnection(job.host, job.port)
    try {
      const reply = await connection.request('GET', job.path)
      if (reply.status !== 200) failures++
      idle.push(connection)
    } catch {
      failures++
    }
    latencies.add(performance.now() - sentMs)
  }
  const startMs = performance.now()
  const total = Math.floor((job.seconds * 1000) / PERIOD_MS)
  for (let n = 0; n < total && !stop.signal.aborted; n++) {
    const waitMs = startMs + n * PERIOD_MS - performance.now()
    if (waitMs > 0) await delay(waitMs)
    running.push(one())
  }
  await Promise.race([Promise.all(running), delay(30_000, undefined, { ref: false })])
  for (const connection of idle) connection.close()
  return { failures: failures + (running.length - latencies.count), latencies: latencies.summary() }
}

process.on('message', (message) => {
  if (message === 'stop') stop.abort()
  else void probe(message as ProbeJob).then((result) => process.send!(result))
})
