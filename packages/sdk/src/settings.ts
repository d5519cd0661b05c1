import os from 'node:os'
import path from 'node:path'
import { readPrefectProfile } from './profiles.ts'

/** Variables as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** How the SDK finds its server and where it keeps things. */
export interface SdkSettings {
  /** Such as `http://127.0.0.1:4200/api`, without a slash at the end; undefined: runs are not recorded. */
  readonly apiUrl: string | undefined
  /** Sent as `Authorization: Bearer`. */
  readonly apiKey: string | undefined
  /** `user:password` as in `PREFECT_API_AUTH_STRING`, sent as `Authorization: Basic`. */
  readonly authString: string | undefined
  readonly customHeaders: Readonly<Record<string, string>>
  /** HTTP/2 where the server offers it by TLS. Off: one session carries all calls, and they all fail with it. */
  readonly http2: boolean
  /** File of certificates that vouch for the server, in place of those that Node brings along. */
  readonly tlsCaFile: string | undefined
  /** Whether any certificate of the server will do. */
  readonly tlsInsecure: boolean
  /** Folder of results that are kept; the same as the Python client's. */
  readonly resultsFolder: string
  /** The block that results are kept in by default, such as `local-file-system/results`; undefined: in the folder. */
  readonly resultsBlock: string | undefined
  /** How long a flow waits for an API that is away before it goes on without records. */
  readonly patienceMs: number
  /** Between two heartbeats of a flow run; 0: none. */
  readonly heartbeatMs: number
  /** Lowest level of log records that go to the API: debug 10, info 20. */
  readonly logLevel: number
  /** Whether what runs write by `console` goes to their log, where flow and task do not say it themselves. */
  readonly logPrints: boolean
  /** Where people see runs. */
  readonly uiUrl: string | undefined
}

/** What of them a stream to the server needs. Stands here so that the types of the package do not lead to those of `ws`. */
export type StreamSettings = Pick<SdkSettings, 'apiUrl' | 'apiKey' | 'authString' | 'customHeaders'> & Partial<Pick<SdkSettings, 'tlsCaFile' | 'tlsInsecure'>>

const LEVELS: Readonly<Record<string, number>> = { TRACE: 5, DEBUG: 10, INFO: 20, WARNING: 30, WARN: 30, ERROR: 40, CRITICAL: 50 }

/**
 * Reads the settings from the environment, and where it is silent from the active profile of a Prefect installation.
 *
 * @throws {TypeError} when a variable has no sense.
 */
export function readSdkSettings(env: Environment = process.env): SdkSettings {
  const prefectHome = env['PREFECT_HOME'] ?? path.join(os.homedir(), '.prefect')
  const profile = readPrefectProfile(env, prefectHome)
  const value = (name: string): string | undefined => env[name] || profile[name] || undefined
  const apiUrl = value('PREFECT_API_URL')?.replace(/\/+$/, '')
  if (apiUrl !== undefined && !/^https?:\/\/[^/]+/.test(apiUrl)) {
    throw new TypeError(`PREFECT_API_URL is '${apiUrl}'; it must be an address such as http://127.0.0.1:4200/api`)
  }
  return {
    apiUrl,
    apiKey: value('PREFECT_API_KEY'),
    authString: value('PREFECT_API_AUTH_STRING'),
    customHeaders: headersOf(value('PREFECT_CLIENT_CUSTOM_HEADERS')),
    http2: isTrue(value('PREFECT_API_ENABLE_HTTP2')),
    tlsCaFile: value('PREFECT_API_SSL_CERT_FILE'),
    tlsInsecure: isTrue(value('PREFECT_API_TLS_INSECURE_SKIP_VERIFY')),
    resultsFolder: value('PREFECT_LOCAL_STORAGE_PATH') ?? value('PREFECT_RESULTS_LOCAL_STORAGE_PATH') ?? path.join(prefectHome, 'storage'),
    resultsBlock: value('PREFECT_DEFAULT_RESULT_STORAGE_BLOCK') ?? value('PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK'),
    patienceMs: seconds('SPILLWAY_API_PATIENCE', value('SPILLWAY_API_PATIENCE'), 600) * 1000,
    heartbeatMs: seconds('SPILLWAY_HEARTBEAT_SECONDS', value('SPILLWAY_HEARTBEAT_SECONDS') ?? value('PREFECT_FLOWS_HEARTBEAT_FREQUENCY'), 30) * 1000,
    logPrints: /^(true|1|yes|on)$/i.test(value('PREFECT_LOGGING_LOG_PRINTS') ?? ''),
    uiUrl: value('PREFECT_UI_URL')?.replace(/\/+$/, ''),
    logLevel: LEVELS[(value('PREFECT_LOGGING_LEVEL') ?? 'INFO').toUpperCase()] ?? 20,
  }
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 't', 'yes', 'y', 'on'].includes(text.toLowerCase())
}

function seconds(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (!Number.isFinite(number) || number < 0) throw new TypeError(`${name} is '${text}'; it must be a number of seconds`)
  return number
}

function headersOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {}
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text) as object).map(([name, value]) => [name, String(value)]))
  } catch (cause) {
    throw new TypeError('PREFECT_CLIENT_CUSTOM_HEADERS must be a JSON object of texts', { cause })
  }
}
