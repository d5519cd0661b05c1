import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { leastCatchUpGraceSeconds } from '@spillway/core/domain/catch-up'
import { parseIsoDuration } from '@spillway/core/wire/time'
import { TrustedProxies } from './access/forwarded.ts'
import { StartupError } from './errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Reads one value out of the environment under its name or an older alias; tells which variable it came from. */
function find(env: Environment, names: readonly string[]): { name: string; text: string } | undefined {
  for (const name of names) {
    const text = env[name]
    if (text !== undefined && text !== '') return { name, text }
  }
  return undefined
}

function bad(name: string, text: string, wanted: string): never {
  throw new StartupError(`${name}=${text} is not ${wanted}.`, `Set ${name} to ${wanted}, or unset it.`)
}

function readText(env: Environment, names: readonly string[]): string | undefined {
  return find(env, names)?.text
}

function readNumber(env: Environment, names: readonly string[], fallback: number, min = 0, max = Infinity): number {
  const found = find(env, names)
  if (!found) return fallback
  const value = Number(found.text)
  if (!Number.isFinite(value) || value < min || value > max) {
    bad(found.name, found.text, `a number${max === Infinity ? ` of at least ${min}` : ` from ${min} to ${max}`}`)
  }
  return value
}

function readWhole(env: Environment, names: readonly string[], fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const found = find(env, names)
  if (!found) return fallback
  const value = Number(found.text)
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    bad(found.name, found.text, `a whole number${max === Number.MAX_SAFE_INTEGER ? ` of at least ${min}` : ` from ${min} to ${max}`}`)
  }
  return value
}

/** Seconds, given as a number or as an ISO-8601 duration, as Prefect's timedeltas are. `above` is the bound that is too little. */
function readSeconds(env: Environment, names: readonly string[], fallback: number, above = -1): number {
  const found = find(env, names)
  if (!found) return fallback
  const number = Number(found.text)
  const seconds = Number.isFinite(number) ? number : parseIsoDuration(found.text)
  if (seconds === undefined || seconds <= above || seconds < 0) {
    bad(found.name, found.text, `a number of seconds or an ISO-8601 duration, ${above < 0 ? 'not negative' : `more than ${above}`}`)
  }
  return seconds
}

function readBool(env: Environment, names: readonly string[], fallback: boolean): boolean {
  const found = find(env, names)
  if (!found) return fallback
  const text = found.text.toLowerCase()
  if (['1', 'true', 't', 'yes', 'y', 'on'].includes(text)) return true
  if (['0', 'false', 'f', 'no', 'n', 'off'].includes(text)) return false
  return bad(found.name, found.text, 'true or false')
}

const logLevels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']

function readChoice(env: Environment, names: readonly string[], choices: readonly string[], fallback: string): string {
  const found = find(env, names)
  if (!found) return fallback
  const value = found.text.toUpperCase()
  return choices.includes(value) ? value : bad(found.name, found.text, `one of ${choices.join(', ')}`)
}

/** `host:port`, or a port on loopback. */
function readAddress(env: Environment, name: string): { host: string; port: number } | undefined {
  const found = find(env, [name])
  if (!found) return undefined
  const [, host = '127.0.0.1', digits] = /^(?:(.+):)?(\d{1,5})$/.exec(found.text) ?? []
  const port = Number(digits)
  if (!(port <= 65_535)) bad(found.name, found.text, 'host:port or a port')
  return { host: host.replace(/^\[|\]$/g, ''), port }
}

function readTrustedProxies(env: Environment): TrustedProxies {
  const proxies = new TrustedProxies()
  const found = find(env, ['SPILLWAY_TRUSTED_PROXIES'])
  for (const name of found?.text.split(',').map((part) => part.trim()) ?? []) {
    if (!proxies.add(name)) bad(found!.name, found!.text, "a list of addresses, networks such as 192.0.2.0/24, or the word 'loopback'")
  }
  return proxies
}

/**
 * The settings that this server obeys, out of `PREFECT_*` variables (their older aliases too) and its own `SPILLWAY_*`.
 *
 * @param env The environment; nothing else is read.
 * @throws {StartupError} naming the variable and what it takes.
 */
export function readSettings(env: Environment) {
  const home = resolve(readText(env, ['SPILLWAY_HOME']) ?? join(homedir(), '.spillway'))
  const host = readText(env, ['PREFECT_SERVER_API_HOST']) ?? '127.0.0.1'
  const port = readWhole(env, ['PREFECT_SERVER_API_PORT'], 4200, 0, 65_535)
  const basePath = normalizeBasePath(readText(env, ['PREFECT_SERVER_API_BASE_PATH']) ?? '/api')
  const service = (name: string, fallbackSeconds: number, after = 'LOOP_SECONDS') => ({
    enabled: readBool(env, [`PREFECT_SERVER_SERVICES_${name}_ENABLED`, `PREFECT_API_SERVICES_${name}_ENABLED`], true),
    loopSeconds: readSeconds(env, [`PREFECT_SERVER_SERVICES_${name}_${after}`, `PREFECT_API_SERVICES_${name}_${after}`], fallbackSeconds, 0),
  })
  const serviceSeconds = (name: string, fallback: number, above = -1): number =>
    readSeconds(env, [`PREFECT_SERVER_SERVICES_${name}`, `PREFECT_API_SERVICES_${name}`], fallback, above)
  const serviceCount = (name: string, fallback: number): number =>
    readWhole(env, [`PREFECT_SERVER_SERVICES_${name}`, `PREFECT_API_SERVICES_${name}`], fallback, 1)
  return {
    home,
    host,
    port,
    basePath,
    databasePath: readDatabasePath(env, home),
    authString: readText(env, ['PREFECT_SERVER_API_AUTH_STRING']),
    /** How long a ticket opens streams for browsers. */
    streamTicketSeconds: readSeconds(env, ['SPILLWAY_STREAM_TICKET_SECONDS'], 3600, 0),
    csrfEnabled: readBool(env, ['PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED', 'PREFECT_SERVER_CSRF_PROTECTION_ENABLED'], false),
    csrfTokenSeconds: readSeconds(env, ['PREFECT_SERVER_API_CSRF_TOKEN_EXPIRATION', 'PREFECT_SERVER_CSRF_TOKEN_EXPIRATION'], 3600),
    corsOrigins: readText(env, ['PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS', 'PREFECT_SERVER_CORS_ALLOWED_ORIGINS']) ?? '*',
    corsMethods: readText(env, ['PREFECT_SERVER_API_CORS_ALLOWED_METHODS', 'PREFECT_SERVER_CORS_ALLOWED_METHODS']) ?? '*',
    corsHeaders: readText(env, ['PREFECT_SERVER_API_CORS_ALLOWED_HEADERS', 'PREFECT_SERVER_CORS_ALLOWED_HEADERS']) ?? '*',
    logLevel: readChoice(env, ['PREFECT_SERVER_LOGGING_LEVEL', 'PREFECT_LOGGING_SERVER_LEVEL'], logLevels, 'WARNING'),
    defaultLimit: readWhole(env, ['PREFECT_SERVER_API_DEFAULT_LIMIT', 'PREFECT_API_DEFAULT_LIMIT'], 200, 1, 10_000),
    maxParameterBytes: readWhole(env, ['PREFECT_SERVER_API_MAX_PARAMETER_SIZE'], 524_288),
    keepAliveSeconds: readWhole(env, ['PREFECT_SERVER_API_KEEPALIVE_TIMEOUT'], 75, 1),
    websocketPingSeconds: readNumber(env, ['PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL'], 20, 0.1),
    websocketPingTimeoutSeconds: readNumber(env, ['PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT'], 20, 0.1),
    uiApiUrl: readText(env, ['PREFECT_SERVER_UI_API_URL', 'PREFECT_UI_API_URL']),
    uiUrl: readText(env, ['PREFECT_UI_URL']),
    /** Further host names that clients may use for a server that listens on loopback only; `*` allows all. */
    allowedHosts: (readText(env, ['SPILLWAY_ALLOWED_HOSTS']) ?? '').split(',').map((name) => name.trim().toLowerCase()).filter(Boolean),
    /** Whose forwarded headers are believed. */
    trustedProxies: readTrustedProxies(env),
    /** 422 on unknown request fields, as Prefect answers. By default they are ignored, counted and logged once. */
    strictFields: readBool(env, ['SPILLWAY_STRICT_FIELDS'], false),
    registerBlocksOnStart: readBool(env, ['PREFECT_SERVER_REGISTER_BLOCKS_ON_START', 'PREFECT_API_BLOCKS_REGISTER_ON_START'], true),
    /** A second listener that serves only health and metrics: `host:port` or a port. */
    healthListen: readAddress(env, 'SPILLWAY_HEALTH_LISTEN'),
    events: {
      streamOutEnabled: readBool(env, ['PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED', 'PREFECT_API_EVENTS_STREAM_OUT_ENABLED'], true),
      maxLabels: readWhole(env, ['PREFECT_SERVER_EVENTS_MAXIMUM_LABELS_PER_RESOURCE', 'PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE'], 500),
      maxRelated: readWhole(env, ['PREFECT_SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES', 'PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES'], 100),
      maxBytes: readWhole(env, ['PREFECT_SERVER_EVENTS_MAXIMUM_SIZE_BYTES', 'PREFECT_EVENTS_MAXIMUM_SIZE_BYTES'], 1_500_000),
      maxNameLength: readWhole(env, ['PREFECT_SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH'], 1024, 1),
      retentionSeconds: readSeconds(env, ['PREFECT_SERVER_EVENTS_RETENTION_PERIOD', 'PREFECT_EVENTS_RETENTION_PERIOD'], 604_800),
      backfillSeconds: readSeconds(env, ['PREFECT_SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL', 'PREFECT_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL'], 900),
      backfillPage: readWhole(env, ['PREFECT_SERVER_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE', 'PREFECT_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE'], 250, 1, 1_000),
    },
    logs: { streamOutEnabled: readBool(env, ['PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED'], true) },
    services: {
      scheduler: service('SCHEDULER', 60),
      recentDeployments: { enabled: service('SCHEDULER', 60).enabled, loopSeconds: serviceSeconds('SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS', 5, 0) },
      lateRuns: { ...service('LATE_RUNS', 5), afterSeconds: serviceSeconds('LATE_RUNS_AFTER_SECONDS', 15) },
      pauseExpirations: service('PAUSE_EXPIRATIONS', 5),
      cancellationCleanup: { ...service('CANCELLATION_CLEANUP', 20), cancellingTimeoutSeconds: serviceSeconds('CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS', 300) },
      foreman: service('FOREMAN', 15),
      repossessor: service('REPOSSESSOR', 15),
      retention: {
        loopSeconds: serviceSeconds('DB_VACUUM_LOOP_SECONDS', 3600, 0),
        /** Finished flow runs are kept for ever unless `flow_runs` is among the vacuum's kinds. */
        kinds: readVacuumKinds(env),
        flowRunSeconds: serviceSeconds('DB_VACUUM_RETENTION_PERIOD', 7_776_000, 3600),
        batchSize: serviceCount('DB_VACUUM_BATCH_SIZE', 200),
      },
    },
    store: {
      initialDeploymentLeaseSeconds: readNumber(env, ['PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION'], 300, 30, 3600),
      deploymentSlotWaitSeconds: readNumber(env, ['PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS', 'PREFECT_DEPLOYMENT_CONCURRENCY_SLOT_WAIT_SECONDS'], 30),
      maximumSlotWaitSeconds: readNumber(env, ['PREFECT_SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS'], 30),
      tagSlotWaitSeconds: readNumber(env, ['PREFECT_SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS', 'PREFECT_TASK_RUN_TAG_CONCURRENCY_SLOT_WAIT_SECONDS'], 10),
      maxCacheKeyLength: readWhole(env, ['PREFECT_SERVER_TASKS_MAX_CACHE_KEY_LENGTH', 'PREFECT_API_TASK_CACHE_KEY_MAX_LENGTH'], 2000),
      maxGraphNodes: readWhole(env, ['PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_NODES', 'PREFECT_API_MAX_FLOW_RUN_GRAPH_NODES'], 10_000),
      maxGraphArtifacts: readWhole(env, ['PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_ARTIFACTS', 'PREFECT_API_MAX_FLOW_RUN_GRAPH_ARTIFACTS'], 10_000),
      workerFallbackHeartbeatSeconds: serviceSeconds('FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS', 30),
      workerHeartbeatMultiple: serviceCount('FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE', 3),
      deploymentPolledTimeoutSeconds: serviceSeconds('FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS', 60),
      queuePolledTimeoutSeconds: serviceSeconds('FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS', 60),
      catchUpGraceSeconds: Math.max(leastCatchUpGraceSeconds, serviceSeconds('LATE_RUNS_AFTER_SECONDS', 15)),
      scheduler: {
        enabled: service('SCHEDULER', 60).enabled,
        maxRuns: serviceCount('SCHEDULER_MAX_RUNS', 100),
        minRuns: serviceCount('SCHEDULER_MIN_RUNS', 3),
        maxScheduledSeconds: serviceSeconds('SCHEDULER_MAX_SCHEDULED_TIME', 8_640_000),
        minScheduledSeconds: serviceSeconds('SCHEDULER_MIN_SCHEDULED_TIME', 3600),
        insertBatchSize: serviceCount('SCHEDULER_INSERT_BATCH_SIZE', 500),
        deploymentBatchSize: serviceCount('SCHEDULER_DEPLOYMENT_BATCH_SIZE', 100),
        loopSeconds: serviceSeconds('SCHEDULER_LOOP_SECONDS', 60, 0),
      },
    },
  }
}

export type Settings = Readonly<ReturnType<typeof readSettings>>

/** `/api`, `/team/api`: one leading slash, none at the end. */
function normalizeBasePath(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '')
  return trimmed === '' ? '' : `/${trimmed}`
}

function readVacuumKinds(env: Environment): ReadonlySet<string> {
  const name = 'PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED'
  const text = readText(env, [name])
  if (text === undefined || /^(false|0)$/i.test(text)) return new Set(['events'])
  if (/^(true|1)$/i.test(text)) return new Set(['events', 'flow_runs', 'orphans'])
  if (/^(null|none)$/i.test(text)) return new Set()
  const kinds = new Set(text.replace(/[[\]"'\s]/g, '').split(',').filter(Boolean))
  if (![...kinds].every((kind) => ['events', 'flow_runs', 'orphans'].includes(kind))) bad(name, text, 'true, false, none, or a list of events and flow_runs')
  if (kinds.has('flow_runs')) kinds.add('orphans')
  return kinds
}

/** The database file: in the data folder, unless a SQLite URL names another. */
function readDatabasePath(env: Environment, home: string): string {
  const found = find(env, ['PREFECT_SERVER_DATABASE_CONNECTION_URL', 'PREFECT_API_DATABASE_CONNECTION_URL'])
  if (!found) return join(home, 'spillway.db')
  const sqlite = /^sqlite(?:\+\w+)?:\/\/\/(.+)$/.exec(found.text)
  if (!sqlite?.[1]) {
    throw new StartupError(
      `${found.name} names a database that this version cannot use (only SQLite files, sqlite:///<path>).`,
      `Unset ${found.name} to use the database in SPILLWAY_HOME.`,
    )
  }
  const path = sqlite[1].replace(/\?.*$/, '')
  return isAbsolute(path) ? path : resolve(path)
}
