import { readFileSync, readdirSync } from 'node:fs'
import { HttpConnection } from '../../../bench/lib/http-connection.ts'

/** The server's own metrics at one moment. */
export class Scrape {
  readonly #series: readonly { name: string; labels: string; value: number }[]

  constructor(text: string) {
    this.#series = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
        return { name, labels, value: Number(value) }
      })
  }

  /** The sum over all series of this name that have these labels; 0 without any. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
    const matching = this.#series.filter((series) => series.name === name && wanted.every((label) => series.labels.includes(label)))
    return matching.reduce((sum, { value }) => sum + value, 0)
  }

  /** The values of a series by one of its labels, zeros left out. */
  by(name: string, label: string): Record<string, number> {
    const values: Record<string, number> = {}
    for (const series of this.#series) {
      const of = new RegExp(`${label}="([^"]*)"`).exec(series.labels)?.[1]
      if (series.name === name && of !== undefined && series.value !== 0) values[of] = (values[of] ?? 0) + series.value
    }
    return values
  }
}

/** What a server process holds, seen from outside: its metrics, and what the system says about it. */
export class ServerGauges {
  readonly #pid: number
  readonly #port: number
  readonly #connection: HttpConnection
  /** The worst of the event-loop delays told so far, in milliseconds. Each scrape tells the 99th percentile since the one before. */
  worstLoopDelayMs = 0

  constructor(t: { after(work: () => void): void }, pid: number, url: string) {
    this.#pid = pid
    this.#port = Number(new URL(url).port)
    this.#connection = new HttpConnection('127.0.0.1', this.#port)
    t.after(() => this.#connection.close())
  }

  async scrape(): Promise<Scrape> {
    const { body } = await this.#connection.request('GET', '/api/metrics')
    const scrape = new Scrape(body.toString())
    this.worstLoopDelayMs = Math.max(this.worstLoopDelayMs, scrape.sum('spillway_event_loop_delay_p99_seconds') * 1000)
    return scrape
  }

  /** Open file descriptors. */
  descriptors(): number {
    return readdirSync(`/proc/${this.#pid}/fd`).length
  }

  residentBytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1]) * 1024
  }

  /** User and system time, in seconds. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  }

  /** What the kernel still holds for peers of the server's port: `ws.bufferedAmount` is blind for it. */
  kernelSendQueues(): { sockets: number; bytes: number; most: number } {
    const port = this.#port.toString(16).toUpperCase().padStart(4, '0')
    const queues = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ (\w\w) ([0-9A-F]{8}):/gm)]
        // A listening socket tells the length of its own queue there.
        .filter(([, local, state]) => local === port && state !== '0A')
        .map(([, , , bytes]) => Number.parseInt(bytes!, 16)),
    )
    return { sockets: queues.length, bytes: queues.reduce((sum, bytes) => sum + bytes, 0), most: Math.max(0, ...queues) }
  }
}
