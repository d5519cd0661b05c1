import { styleText } from 'node:util'
import type { ApiClient, SdkSettings } from '@spillway/sdk'
import { CommandError, EXIT } from './exit-codes.ts'
import { nearNames } from './near-names.ts'
import { spillwayHome } from './profiles-file.ts'
import { Progress } from './progress.ts'
import { runningServer } from './server-record.ts'
import { resolveSettings, type ResolvedSettings } from './settings-sources.ts'
import { tableLines, type Column } from './table.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly profile?: string
  readonly json?: boolean
  readonly output?: string
  /** False after `--no-prompt`. */
  readonly prompt?: boolean
  readonly yes?: boolean
}

/** The ways to ask; loaded when there is something to ask. */
export type Prompts = typeof import('./prompts.ts')

type Style = Parameters<typeof styleText>[0]

/** What a command works with: settings, the API, and its ways to speak. Results go to stdout, all else to stderr. */
export class Cli {
  /** The environment as it was; `settings()` adds profiles and files. */
  readonly env: NodeJS.ProcessEnv
  /** Whether results are printed as JSON: the API's objects as they came. */
  readonly isJson: boolean
  readonly #options: GlobalOptions
  #settings: Promise<ResolvedSettings> | undefined
  #client: ApiClient | undefined

  constructor(options: GlobalOptions, env: NodeJS.ProcessEnv = process.env) {
    this.#options = options
    this.env = env
    this.isJson = options.json === true || options.output === 'json'
  }

  /** Every setting that is set somewhere, with its source. */
  settings(): Promise<ResolvedSettings> {
    return (this.#settings ??= resolveSettings(this.env, { profile: this.#options.profile }))
  }

  /** Calls this server, whatever the settings say. */
  useServer(apiUrl: string): void {
    const settings = this.settings()
    this.#settings = settings.then((found) => ({ ...found, environment: { ...found.environment, PREFECT_API_URL: apiUrl } }))
  }

  /** Settings of the client out of all sources. @throws {CommandError} when they name no server. */
  async sdkSettings(): Promise<SdkSettings & { readonly apiUrl: string }> {
    const { environment, profile } = await this.settings()
    const { readSdkSettings } = await import('@spillway/sdk')
    const settings = settingsOf(() => readSdkSettings(environment))
    const { apiUrl } = settings
    if (apiUrl === undefined) throw noServer(profile.name, runningServer(spillwayHome(environment))?.apiUrl)
    return { ...settings, apiUrl }
  }

  /** The API of the configured server. */
  async client(): Promise<ApiClient> {
    if (this.#client) return this.#client
    const [settings, { CommandClient }] = await Promise.all([this.sdkSettings(), import('./client.ts')])
    return (this.#client = new CommandClient({ settings, onTrouble: (error) => error && this.note(`${error.message}; trying again…`) }))
  }

  /** A line of the result. */
  print(text = ''): void {
    process.stdout.write(`${text}\n`)
  }

  /** A line that is not the result: progress, hints. */
  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** Prints a result: with `--json` the value itself, else what `forPeople` prints. */
  show(value: unknown, forPeople: () => void): void {
    if (this.isJson) this.print(JSON.stringify(value, null, 2))
    else forPeople()
  }

  /** Prints a table that fits the terminal; a pipe gets it uncut. `none` is said where there are no rows. */
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): void {
    if (rows.length === 0) return this.note(none)
    const width = process.stdout.isTTY ? process.stdout.columns : Infinity
    const [titles = '', ...lines] = tableLines(columns, rows, width)
    this.print(this.paint('bold', titles))
    for (const line of lines) this.print(line)
  }

  /** Prints names and values below each other, without those that are null or empty. */
  fields(values: Readonly<Record<string, unknown>>): void {
    const shown = Object.entries(values).filter(([, value]) => value != null && value !== '' && !(Array.isArray(value) && value.length === 0))
    const width = Math.max(0, ...shown.map(([name]) => name.length))
    for (const [name, value] of shown) this.print(`${this.paint('bold', name.padEnd(width))}  ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  }

  /** Colour, where stdout is a terminal that wants it. */
  paint(style: Style, text: string): string {
    if (isOff(this.env['PREFECT_CLI_COLORS'])) return text
    return styleText(style, text, { stream: process.stdout })
  }

  /** Says on a terminal what a long operation is at; nothing elsewhere. */
  progress(text: string): Progress {
    return new Progress(text)
  }

  /**
   * Asks before something that cannot be undone. `--yes` and `--no-prompt` answer beforehand.
   *
   * @throws {CommandError} when the answer is no, or nobody is there to be asked.
   */
  async confirm(question: string): Promise<void> {
    if (this.#options.yes || this.#options.prompt === false || isOff((await this.settings()).environment['PREFECT_CLI_PROMPT'])) return
    if (!process.stdin.isTTY) {
      throw new CommandError(`${question} Nobody can be asked: the input is not a terminal.`, { remedy: 'Add --yes to go on without being asked.', exitCode: EXIT.usage })
    }
    if (!/^y(es)?$/i.test((await this.#ask(`${question} [y/N]: `)).trim())) throw new CommandError('Nothing was changed.')
  }

  /** Whether somebody is there who can be asked for what is missing. */
  async canAsk(): Promise<boolean> {
    const isTerminal = process.stdin.isTTY && process.stdout.isTTY && process.stderr.isTTY
    if (!isTerminal || this.#options.prompt === false || (this.env['CI'] ?? '') !== '' && !isOff(this.env['CI'])) return false
    return !isOff((await this.settings()).environment['PREFECT_CLI_PROMPT'])
  }

  /**
   * What the user has given; else what `ask` brings to light on a terminal.
   *
   * @throws what `refuse` makes, where nobody can be asked
   */
  async orAsk<T>(given: T | undefined, ask: (prompts: Prompts) => Promise<T>, refuse: () => CommandError | Promise<CommandError>): Promise<T> {
    if (given !== undefined) return given
    if (!(await this.canAsk())) throw await refuse()
    return await ask(await import('./prompts.ts'))
  }

  /** Reads one line from the terminal. */
  async #ask(question: string): Promise<string> {
    const { createInterface } = await import('node:readline/promises')
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    const aborted = new AbortController()
    lines.on('SIGINT', () => aborted.abort())
    try {
      return await lines.question(question, { signal: aborted.signal })
    } catch (cause) {
      throw new CommandError('Nothing was changed.', { exitCode: EXIT.interrupted, cause })
    } finally {
      lines.close()
    }
  }

  async close(): Promise<void> {
    await this.#client?.close()
  }
}

/**
 * There is no such thing.
 *
 * @param what `flow run`, `work pool`
 * @param names the ones there are, when they are known: near ones are suggested
 */
export function notFound(what: string, name: string, names: readonly string[] = [], remedy?: string): CommandError {
  const near = nearNames(name, names)
  const suggestion = near.length > 0 ? `Did you mean ${near.map((one) => `'${one}'`).join(' or ')}?` : remedy
  return new CommandError(`There is no ${what} '${name}'.`, { remedy: suggestion, exitCode: EXIT.notFound })
}

function isOff(value: string | undefined): boolean {
  return /^(0|f|false|n|no|off)$/i.test(value ?? '')
}

/** @throws {CommandError} for an address or a header that is none */
function settingsOf(read: () => SdkSettings): SdkSettings {
  try {
    return read()
  } catch (cause) {
    throw new CommandError((cause as Error).message, { remedy: "'spillway config view' shows where it comes from.", exitCode: EXIT.unreachable, cause })
  }
}

/** @param running the API of a server that runs on this machine */
function noServer(profile: string, running: string | undefined): CommandError {
  return new CommandError(`No server is configured: PREFECT_API_URL is not set, neither in the environment nor in the profile '${profile}'.`, {
    remedy: running
      ? `One runs here: spillway config set PREFECT_API_URL=${running}`
      : "Start one with 'spillway server start', then: spillway config set PREFECT_API_URL=http://127.0.0.1:4200/api",
    exitCode: EXIT.unreachable,
  })
}
