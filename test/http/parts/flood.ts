/**
 * A flood of requests from a process of its own. Driven by IPC: a `FloodJob` in, a `FloodResult` out.
 *
 * At a rate (`perSecond`) requests leave at fixed moments whatever became of those before, over as many connections as it takes;
 * without one, `callers` ask again and again, which measures what the server can do at most.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { HttpConnection } from '../../../bench/lib/http-connection.ts'
import { Samples, type Percentiles } from '../../../bench/lib/samples.ts'

export interface FloodJob {
  port: number
  method: string
  path: string
  body?: string
  seconds: number
  callers?: number
  perSecond?: number
}

export interface FloodResult {
  sent: number
  done: number
  /** Those that were refused with a whole number of seconds to wait. */
  shed: number
  /** Everything else, by status or error. */
  odd: Record<string, number>
  /** Answered 2xx per second, within the time of the flood. */
  donePerSecond: number
  doneMs: Percentiles
  shedMs: Percentiles
}

/** Open at once at most: what is due while all are busy is late, and counted as sent all the same. */
const connectionsMax = 4_000

async function flood({ port, method, path, body, seconds, callers = 64, perSecond }: FloodJob): Promise<FloodResult> {
  const idle: HttpConnection[] = []
  const doneMs = new Samples()
  const shedMs = new Samples()
  const odd: Record<string, number> = {}
  let sent = 0
  let open = 0
  let doneInTime = 0
  const startMs = performance.now()
  const endMs = startMs + seconds * 1000
  const count = (what: string): void => void (odd[what] = (odd[what] ?? 0) + 1)

  const one = async (): Promise<boolean> => {
    sent += 1
    open += 1
    const sentMs = performance.now()
    const connection = idle.pop() ?? new HttpConnection('127.0.0.1', port)
    try {
      const { status, head } = await connection.request(method, path, body)
      const tookMs = performance.now() - sentMs
      if (status >= 200 && status < 300) {
        doneMs.add(tookMs)
        if (performance.now() <= endMs) doneInTime += 1
      } else if (status === 503 && /\r\nretry-after: [1-9]\d*\r\n/.test(head)) shedMs.add(tookMs)
      else count(String(status))
      idle.push(connection)
      return status < 300
    } catch (error) {
      count((error as NodeJS.ErrnoException).code ?? (error as Error).message)
      return false
    } finally {
      open -= 1
    }
  }

  const running = new Set<Promise<unknown>>()
  if (perSecond === undefined) {
    const caller = async (): Promise<void> => {
      while (performance.now() < endMs) if (!(await one())) await delay(20)
    }
    await Promise.all(Array.from({ length: callers }, caller))
  } else {
    for (let due = 0; performance.now() < endMs; ) {
      const wanted = ((performance.now() - startMs) / 1000) * perSecond
      for (; due < wanted; due += 1) {
        if (open >= connectionsMax) count('no free connection')
        else {
          const work = one().finally(() => running.delete(work))
          running.add(work)
        }
      }
      await delay(1)
    }
    await Promise.race([Promise.all(running), delay(30_000, undefined, { ref: false })])
    if (open > 0) odd['no answer'] = open
  }
  for (const connection of idle) connection.close()
  return { sent, done: doneMs.count, shed: shedMs.count, odd, donePerSecond: doneInTime / seconds, doneMs: doneMs.summary(), shedMs: shedMs.summary() }
}

process.on('message', (job) => void flood(job as FloodJob).then((result) => process.send!(result)))
process.on('disconnect', () => process.exit(0))
