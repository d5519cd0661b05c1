import assert from 'node:assert/strict'
import { freePort } from '../../compat/target.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../../server/server-process.ts'

interface Hooks {
  after(work: () => unknown): void
}

/** A server that comes back on the same port with the same data. */
export class RestartableServer {
  readonly home: string
  readonly apiUrl: string
  readonly #t: Hooks
  readonly #env: Record<string, string>
  #process: ServerProcess
  #toldMs = 0
  #outageMs = 0

  private constructor(t: Hooks, env: Record<string, string>, home: string, first: ServerProcess) {
    this.#t = t
    this.#env = env
    this.home = home
    this.#process = first
    this.apiUrl = `${first.url}/api`
  }

  /** @param env Settings of the server, such as `SPILLWAY_LIMITS`. */
  static async start(t: Hooks, env: Record<string, string> = {}): Promise<RestartableServer> {
    const home = temporaryFolder(t)
    const whole = { SPILLWAY_HOME: home, PREFECT_SERVER_API_PORT: String(await freePort()), ...env }
    return new RestartableServer(t, whole, home, await startServerProcess(t, whole))
  }

  get url(): string {
    return this.#process.url
  }

  get pid(): number {
    return this.#process.child.pid ?? 0
  }

  /** What the server that runs now, or ran last, has logged. */
  get log(): string {
    return this.#process.stdout() + this.#process.stderr()
  }

  /** Ends the server and waits until it is gone. After a SIGTERM it must have drained: exit code 0 within 10 s. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#toldMs = performance.now()
    this.#process.child.kill(signal)
    const { code } = await this.#process.ended
    if (signal === 'SIGKILL') return
    assert.equal(code, 0, `the server drains and exits with 0:\n${this.log}`)
    assert.ok(performance.now() - this.#toldMs < 10_000, 'it is gone within 10 s')
  }

  async start(): Promise<void> {
    this.#process = await startServerProcess(this.#t, this.#env)
    this.#outageMs = performance.now() - this.#toldMs
  }

  /**
   * Fails when the last outage was longer than stock clients bear that cannot be told to be more patient: they give up about 8 s after the
   * first refused dial. A restart takes about a second where the machine has nothing else to do.
   */
  assertSoonBack(): void {
    assert.ok(this.#outageMs < 7_500, `this machine is too busy for this test: it took ${Math.round(this.#outageMs)} ms to restart the server`)
  }

  /** Stops the process where it is, or lets it go on: a server that is there and answers nothing. */
  freeze(frozen: boolean): void {
    this.#process.child.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** The sum of the series that begin with this text. */
  async metric(series: string): Promise<number> {
    const text = await (await fetch(`${this.apiUrl}/metrics`)).text()
    const found = text.split('\n').filter((line) => line.startsWith(series) && !line.startsWith('#'))
    return found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  /** Subscribers that are authenticated. */
  async openStreams(endpoint: string): Promise<number> {
    return await this.metric(`spillway_websockets_open{endpoint="${endpoint}",state="open"}`)
  }
}
