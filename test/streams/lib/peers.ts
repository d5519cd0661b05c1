import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Percentiles } from '../../../bench/lib/samples.ts'
import { ensurePrefect } from '../../../scripts/set-up/prefect.mjs'

type AfterHook = { after(work: () => unknown): void }

/** How far a dial goes. `open`: the first message (if there is one) has been taken by the server. */
export type Stage = 'connected' | 'upgraded' | 'authenticated' | 'open'

/** What a peer does from some moment on; the catalogue's parts P1 and P3 to P6 and some more. */
export type Behaviour =
  /** P1: reads nothing any more. The kernel still takes what fits into its window. */
  | { act: 'stall' }
  | { act: 'read' }
  | { act: 'slow'; bytesPerSecond: number }
  /** Reads, but answers no ping of the server. */
  | { act: 'mute' }
  /** P3: RST. */
  | { act: 'reset' }
  /** Closes TCP in both directions without a word. */
  | { act: 'fin' }
  /** P4: FIN from here, and goes on reading if it did. */
  | { act: 'halfClose' }
  /** P5: a close frame, then neither reads nor closes. */
  | { act: 'closeFrame' }
  /** As the protocol wants it: a close frame, and waits for the server's. */
  | { act: 'goodbye' }
  | { act: 'pings'; perSecond: number }
  /** So many fragments of one byte each, of a message that never ends. */
  | { act: 'fragments'; count: number }

export interface Dial {
  group: string
  count: number
  path: string
  /** Dials under way at the same time; all of them unless given. */
  atOnce?: number
  /** Dials that are not through after this long are told as they are. Default: 60. */
  seconds?: number
  /** Default: `open`. */
  until?: Stage
  /** From the moment on at which a peer is as far as `until` says. */
  then?: Behaviour
  /** SO_RCVBUF, set before the connect. */
  receiveBuffer?: number
  /** Loopback addresses to dial from. Default: 4. */
  sources?: number
  /** '' for none. Default: `prefect`. */
  subprotocol?: string
  token?: string | null
  headers?: readonly string[]
  /** As stock clients: waits for the answer to a ping before it authenticates. */
  pingFirst?: boolean
  /** The first message after the handshake; nothing is sent without it. */
  first?: object
  /** Sends the upgrade request a few bytes at a time (P6). */
  drip?: { bytes: number; everyMs: number }
  /** Keeps the number of every event, and the cursor of the last. */
  record?: boolean
  /** Default: true. */
  answersClose?: boolean
}

export interface PeersReport {
  count: number
  /** Living peers by how far they came. */
  stages: Readonly<Record<string, number>>
  /** Ended ones by how: `fin`, `reset`, `by us`, `status 403`, with close code and reason where there was a close frame. */
  ends: Readonly<Record<string, number>>
  /** Close frames that came, by code and reason; the TCP connection may be there still. */
  closes: Readonly<Record<string, number>>
  /** Events. */
  received: number
  leastReceived: number
  /** Events whose number was not above the one before. */
  backwards: number
  bytes: number
  serverPings: number
  upgradedMs: Percentiles
  authenticatedMs: Percentiles
  /** From the last change of behaviour (without one: from the dial) to the end. */
  endedMs: Percentiles
}

export interface PeerHistory {
  numbers: number[] | null
  cursor: string | null
  dropped: number
  /** Text frames that were neither events nor part of the handshake. */
  notes: string[]
  received: number
  end: string | null
  close_code: number | null
  close_reason: string | null
  server_pings: number
}

export interface ChurnReport {
  gone: number
  /** Those that the time was too short for, by stage and how they were to leave. */
  living: Readonly<Record<string, number>>
  endings: Readonly<Record<string, number>>
  /** Peers that ended before they left, by stage and how. */
  failed: Readonly<Record<string, number>>
  received: number
  /** By ending: from then until the server had ended the connection as well. */
  endedMs: Readonly<Record<string, Percentiles>>
}

export interface Churn extends Dial {
  total: number
  seed: number
  /** A peer leaves after a random part of this. */
  holdMs: number
  endings: readonly Behaviour['act'][]
  /** Peers that left without reading look again after this long: behind a full window they could not see that the server ended them. */
  lookMs: number
}

/** Part of a group: by order of the dials, `to` excluded. */
export interface Part {
  from?: number
  to?: number
}

/** One process of hostile-peers.py. */
export class HostilePeers {
  readonly #call: (command: object) => Promise<unknown>
  readonly #port: number
  readonly pid: number

  constructor(port: number, pid: number, call: (command: object) => Promise<unknown>) {
    this.#port = port
    this.pid = pid
    this.#call = call
  }

  /** Resolves when all are as far as they are to go, or have failed. */
  dial(dial: Dial): Promise<PeersReport> {
    return this.#call({ do: 'dial', port: this.#port, ...dial }) as Promise<PeersReport>
  }

  /** @param spreadMs Each at a random moment within this time. */
  behave(group: string, how: Behaviour, { spreadMs = 0, ...part }: Part & { spreadMs?: number } = {}): Promise<unknown> {
    return this.#call({ do: 'behave', group, how, spreadMs, ...part })
  }

  /** Each sends these text messages. */
  text(group: string, texts: readonly string[], part: Part = {}): Promise<unknown> {
    return this.#call({ do: 'text', group, texts, ...part })
  }

  /** Each sends these bytes as they are. */
  bytes(group: string, bytes: Buffer, part: Part = {}): Promise<unknown> {
    return this.#call({ do: 'bytes', group, base64: bytes.toString('base64'), ...part })
  }

  /** `latencyMs`: from publisher.ts to this process, over all events of the group so far. */
  report(group: string, part: Part = {}): Promise<PeersReport & { latencyMs: Percentiles }> {
    return this.#call({ do: 'report', group, ...part }) as Promise<PeersReport & { latencyMs: Percentiles }>
  }

  /** Waits until each of them has so many events, for as long as more come: fails when none has come for 20 seconds. */
  async haveReceived(group: string, events: number, part: Part = {}): Promise<void> {
    let report = await this.report(group, part)
    let progressMs = performance.now()
    while (report.leastReceived < events) {
      await delay(50)
      const before = report.received
      report = await this.report(group, part)
      if (report.received > before) progressMs = performance.now()
      if (performance.now() - progressMs > 20_000) throw new Error(`waited in vain for ${events} events at each of ${group}: ${JSON.stringify(report)}`)
    }
  }

  async histories(group: string, part: Part = {}): Promise<PeerHistory[]> {
    return ((await this.#call({ do: 'histories', group, ...part })) as { peers: PeerHistory[] }).peers
  }

  /** For each event: its number, how many of the group got it, and when the first and the last of them did (unix ms). */
  async arrivals(group: string): Promise<[number: number, count: number, firstMs: number, lastMs: number][]> {
    return ((await this.#call({ do: 'arrivals', group })) as { arrivals: [number, number, number, number][] }).arrivals
  }

  /** Resets those that live and drops the group. */
  forget(group: string): Promise<unknown> {
    return this.#call({ do: 'forget', group })
  }

  /** Resolves when all of them have come and gone. */
  churn(churn: Churn): Promise<ChurnReport> {
    return this.#call({ do: 'churn', port: this.#port, ...churn }) as Promise<ChurnReport>
  }

  /** P2: the whole process stops; its kernel goes on to acknowledge. */
  suspend(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT')
  }
}

/** Why a test of peers cannot run here, or false. */
export const cannotRunPeers = process.platform !== 'linux' && 'hostile peers need epoll (Linux)'

/** Starts a process for peers of the server at `url`. It is gone with the test. */
export async function startPeers(t: AfterHook, url: string): Promise<HostilePeers> {
  const { python } = await ensurePrefect('3.8.8')
  const child = spawn(python, [fileURLToPath(new URL('./hostile-peers.py', import.meta.url))], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-10_000)))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, error, ...told } = JSON.parse(line) as { id: number; error?: string }
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(told)
    else call?.reject(new Error(`${error}\n${errors}`))
  })
  const closed = once(child, 'close').then(() => {
    for (const call of waiting.values()) call.reject(new Error(`hostile-peers.py ended\n${errors}`))
  })
  child.stdin.on('error', () => {}) // 'close' tells it.
  t.after(async () => {
    child.kill('SIGKILL')
    await closed
  })
  let calls = 0
  return new HostilePeers(Number(new URL(url).port), child.pid!, (command) => {
    const id = calls++
    const call = Promise.withResolvers<unknown>()
    waiting.set(id, call)
    child.stdin.write(`${JSON.stringify({ id, ...command })}\n`)
    return call.promise
  })
}
