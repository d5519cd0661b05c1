import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setImmediate as setImmediatePromise } from 'node:timers/promises'
import { StartupError } from './errors.ts'
import { lockDatabase, lockHome, prepareHome, readEncryptionKey } from './home.ts'
import { Admission } from './http/admission.ts'
import { startHealthListener } from './http/health-listener.ts'
import type { HostRules } from './access/origin.ts'
import { withHighDescriptor } from './http/high-descriptor.ts'
import { createPages } from './http/pages.ts'
import { createHttpServer } from './http/server.ts'
import { applyWireLimits } from './http/wire-checks.ts'
import { csrfCheck } from './http/csrf.ts'
import { fitToDescriptors, openFilesMax } from './descriptors.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { createLogger, logSink } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createRoutes } from './routes/index.ts'
import type { RouteContext } from './routes/route.ts'
import { createServices } from './services/index.ts'
import { startServices, type RunningServices } from './services/service.ts'
import type { Settings } from './settings.ts'
import { shrinkHeap } from './shrink-heap.ts'
import { checkDatabaseFile } from './storage/sqlite/database-file.ts'
import { Readiness } from './storage/readiness.ts'
import { breaksInvariant, errorScope } from './stray-errors.ts'
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts'
import { createStreams } from './streams/index.ts'

export interface RunningServer {
  /** `http://127.0.0.1:4200` */
  readonly url: string
  readonly apiUrl: string
  readonly databasePath: string
  readonly services: RunningServices
  /**
   * Takes note of an error that nothing caught: logs and counts it, and ends the request that it belongs to.
   *
   * @returns false when the process is not to go on.
   */
  survives(error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): boolean
  /** Drains and stops: streams are told to come back, requests under way are answered, the store is closed last. */
  close(): Promise<void>
}

/**
 * Starts the server: folder, store, streams, HTTP, services, in this order; it listens last.
 *
 * @throws {StartupError} with a remedy, before anything listens.
 */
export async function startServer(settings: Settings, wantedLimits: Limits = defaultLimits): Promise<RunningServer> {
  const metrics = createMetrics()
  const onLost = (reason: string, lines: number): void => metrics.logLinesLost.inc({ reason }, lines)
  const sink = logSink(onLost)
  const log = createLogger(settings.logLevel, sink, onLost)
  const limits = fitToDescriptors(wantedLimits, openFilesMax())
  const { connections, websocketConnections } = limits
  log.info({ connections, websocketConnections }, 'connections that are taken at once')
  applyWireLimits(settings)
  prepareHome(settings.home)
  const locks = [lockHome(settings.home)]
  /** What to take back, last first, when a later part refuses to start. */
  const started: (() => unknown)[] = [() => locks.forEach((release) => release())]
  try {
    // Whose file it is comes first: a key must not be made, or missed, for a database that is not ours.
    const database = checkDatabaseFile(settings.databasePath)
    locks.push(lockDatabase(settings.databasePath))
    const encryptionKey = readEncryptionKey(settings.home, database === 'ours')
    const store = await openSqliteStore(
      settings.databasePath,
      { ...settings.store, maxParameterBytes: settings.maxParameterBytes, maxEventBytes: settings.events.maxBytes, encryptionKey },
      limits,
      {
        refused: (workClass) => metrics.limitReached.inc({ limit: `${workClass}Queue` }),
        underWay: (workClass, by) => metrics.storeQueue.inc({ class: workClass }, by),
        limitReached: (limit) => metrics.limitReached.inc({ limit }),
        groupCommitted(commands, commitMs) {
          if (commands >= limits.groupCommands) metrics.limitReached.inc({ limit: 'groupCommands' })
          metrics.storeGroupCommands.observe({}, commands)
          metrics.storeCommitSeconds.observe({}, commitMs / 1000)
        },
        readerRestarted(lane) {
          metrics.storeReaderRestarts.inc({ lane })
          metrics.limitReached.inc({ limit: 'readTimeoutMs' })
          log.warn({ lane }, 'a query ran too long; its reader was replaced')
        },
        threadEnded: (thread, exitCode) => log.error({ thread, exitCode }, 'a thread of the store ended; another one takes its place'),
        operationDone: (kind, name, seconds, failed) =>
          metrics.storeOperations.observe({ kind, name, outcome: failed ? 'failed' : 'done' }, seconds),
      },
    )
    started.push(() => store.close())
    if (settings.registerBlocksOnStart) await store.write('seedBlockTypes', undefined)
    const readiness = new Readiness(store)
    started.push(() => readiness.stop())
    await store.write('doubtGivenTasks', undefined)
    const context: RouteContext = { store, readiness, settings, limits, metrics, log }
    const hostRules: HostRules = {
      loopbackOnly: ['127.0.0.1', 'localhost', '::1'].includes(settings.host),
      allowedHosts: new Set(settings.allowedHosts),
    }
    const streams = await createStreams(context, hostRules)
    const routes = createRoutes(context, streams)
    const admission = createAdmission(limits, metrics)
    const server = createHttpServer({
      context,
      routes,
      hostRules,
      admission,
      checkCsrf: settings.csrfEnabled ? csrfCheck(context) : undefined,
      answerPage: createPages(context, routes),
    })
    server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head))
    const url = await listen(server, settings, limits)
    started.push(() => server.close().closeAllConnections())
    const health = settings.healthListen === undefined ? undefined : await startHealthListener(settings.healthListen, context)
    const services = startServices(createServices(settings), context)
    const doubt = setTimeout(() => void settleDoubtfulTasks(context), limits.taskDoubtMs)
    setImmediate(shrinkHeap)
    let closed: Promise<void> | undefined
    return {
      url,
      apiUrl: `${url}${settings.basePath}`,
      databasePath: settings.databasePath,
      services,
      survives(error, origin) {
        const isBroken = breaksInvariant(error)
        metrics.strayErrors.inc({ origin })
        log.error({ err: error, origin }, isBroken ? 'something that the server relies on is broken; it drains and ends' : 'an error that nothing caught; the server goes on')
        errorScope.getStore()?.fail()
        return !isBroken
      },
      close: () =>
        (closed ??= (async () => {
          const stopServices = services.stop()
          clearTimeout(doubt)
          readiness.stop()
          admission.drain()
          await takeWaitingDials(server)
          // The listener closes first: whoever is told to come back does so at once.
          const answered = drainHttp(server, limits)
          await streams.close()
          await answered
          await stopServices
          await health?.close()
          await store.close()
          for (const release of locks) release()
          await sink.flush(logFlushMs)
        })()),
    }
  } catch (error) {
    for (const takeBack of started.toReversed()) await takeBack()
    throw error
  }
}

/** What is still to be written at the end is waited for so long: whoever reads the log may have stopped. */
const logFlushMs = 500

async function settleDoubtfulTasks({ store, metrics, log }: RouteContext): Promise<void> {
  try {
    const tasks = await store.write('settleDoubtfulTasks', undefined)
    if (tasks === 0) return
    metrics.limitReached.inc({ limit: 'taskDoubtMs' }, tasks)
    log.info({ tasks }, 'background tasks that were handed out before the server was killed are handed out again')
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'background tasks that were handed out before the server was killed wait for its next start')
  }
}

async function listen(server: Server, settings: Settings, limits: Limits): Promise<string> {
  try {
    await withHighDescriptor(limits.connections, async () => {
      server.listen({ host: settings.host, port: settings.port, backlog: limits.backlog })
      await once(server, 'listening')
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new StartupError(
        `Port ${settings.port} on ${settings.host} is taken by another program.`,
        'Stop that program, or choose another port with PREFECT_SERVER_API_PORT or --port.',
        { cause: error },
      )
    }
    throw new StartupError(
      `Cannot listen on ${settings.host}:${settings.port}: ${(error as Error).message}`,
      'Choose another address with PREFECT_SERVER_API_HOST or --host.',
      { cause: error },
    )
  }
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : settings.port
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
}

function createAdmission(limits: Limits, metrics: Metrics): Admission {
  return new Admission(limits, {
    nowMs: () => performance.now(),
    defer: (work) => void setImmediate(work),
    later: (delayMs, work) => void setTimeout(work, delayMs).unref(),
    refused(workClass, limit) {
      metrics.requestsShed.inc({ class: workClass, limit })
      if (limit !== 'drain') metrics.limitReached.inc({ limit })
    },
    waits: (workClass, by) => metrics.requestsWaiting.inc({ class: workClass }, by),
  })
}

/** The listener is open for so long at most once the drain has begun. */
const takeDialsMs = 80
/** A look at the sockets that is longer ago than this may have been followed by a dial: the turn was long, or others had the processor. */
const freshLookMs = 0.5

/**
 * Lets the loop take the dials that wait in the kernel, for closing the listener would reset them, and a stock client gives up on a
 * handshake that is reset. The loop takes one a turn; a turn comes right after it has looked at its sockets.
 */
async function takeWaitingDials(server: Server): Promise<void> {
  const deadlineMs = performance.now() + takeDialsMs
  let came = true
  let isFresh = false
  const onConnection = (): void => void (came = true)
  server.on('connection', onConnection)
  while ((came || !isFresh) && performance.now() < deadlineMs) {
    came = false
    await setImmediatePromise()
    const beforeLookMs = performance.now()
    await setImmediatePromise()
    isFresh = performance.now() - beforeLookMs < freshLookMs
  }
  server.off('connection', onConnection)
}

/** Takes no new connection, answers what is under way, and cuts what is left after `drainMs`. */
async function drainHttp(server: Server, limits: Limits): Promise<void> {
  // The listener alone, right after the last look at it: the HTTP server's own way ends idle connections before it.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  server.closeIdleConnections()
  // A kept-alive connection that was busy when the drain began is idle after its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), limits.drainMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
  server.close(() => {}) // Nothing listens any more; this ends the timer by which late heads are looked for.
}
