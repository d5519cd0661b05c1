import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { HttpConnection } from '../../../bench/lib/http-connection.ts'
import { processorTime, type ProcessorTime } from '../../faults/crowding.ts'

/** The server's own metrics at one moment. */
export class Scrape {
  readonly #series: readonly { name: string; labels: string; value: number }[]
  readonly #declared: ReadonlySet<string>

  constructor(text: string) {
    this.#declared = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!))
    this.#series = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
        return { name, labels, value: Number(value) }
      })
  }

  /** The sum over all series of this name that have these labels; 0 without any. A name that the server does not know is a mistake. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    if (!this.#declared.has(name)) throw new Error(`the server has no metric ${name}`)
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

  constructor(t: { after(work: () => void): void }, pid: number, url: string) {
    this.#pid = pid
    this.#port = Number(new URL(url).port)
    this.#connection = new HttpConnection('127.0.0.1', this.#port)
    t.after(() => this.#connection.close())
  }

  async scrape(): Promise<Scrape> {
    const { body } = await this.#connection.request('GET', '/api/metrics')
    return new Scrape(body.toString())
  }

  /** Open file descriptors that are sockets. Those of the database come and go with the readers of the store. */
  socketDescriptors(): number {
    const folder = `/proc/${this.#pid}/fd`
    return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length
  }

  residentBytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1]) * 1024
  }

  /** User and system time of all threads, in seconds. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  }

  /** Of its connection thread. */
  processorTime(): ProcessorTime {
    return processorTime(this.#pid)
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

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:')
  } catch {
    return false // Closed since the folder was read.
  }
}
