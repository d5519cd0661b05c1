import { RetryableError, shed } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import { OperationQueue, type QueueCounters } from '../operation-queue.ts'
import type { Publication, StoreSettings, WorkClass } from '../port.ts'
import type { ReplyBatch, ThreadStart } from '../protocol.ts'
import type { Lane, Store } from '../store.ts'
import { StoreThread } from './store-thread.ts'

export interface StoreObserver extends QueueCounters {
  groupCommitted(commands: number, commitMs: number): void
  readerRestarted(lane: Lane): void
  /** A thread ended that nobody had told to; another one takes its place. */
  threadEnded(thread: 'writer' | Lane, exitCode: number): void
  /** A bound on the store's side was reached. */
  limitReached(limit: keyof Limits): void
  operationDone(kind: 'write' | 'read', name: string, seconds: number, failed: boolean): void
}

/**
 * SQLite in worker threads: one writer that commits in groups, and a reader for each lane. The connection thread only posts
 * messages, so a slow disk, a locked file or a long read never holds up a socket.
 *
 * @throws {StartupError} when the file cannot be used.
 */
export async function openSqliteStore(
  path: string,
  settings: StoreSettings,
  limits: Limits,
  observer: StoreObserver,
): Promise<Store> {
  const publicationListeners: ((publications: readonly Publication[]) => void)[] = []
  const restartListeners: (() => void)[] = []
  const start = {
    path,
    busyTimeoutMs: limits.busyTimeoutMs,
    statementsMax: limits.statementCache,
    walBytes: limits.walBytes,
    groupCommands: limits.groupCommands,
    groupMs: limits.groupMs,
    settings,
  } satisfies Omit<ThreadStart, 'watch' | 'role'>

  const onWriterBatch = (batch: ReplyBatch): void => {
    if (batch.commands > 0) observer.groupCommitted(batch.commands, batch.commitMs)
    if (batch.publications.length > 0) for (const listener of publicationListeners) listener(batch.publications)
  }
  let closing = false
  let writerAlive = false
  const writerEnds: number[] = []
  const startWriter = (): StoreThread => {
    const thread = new StoreThread({ ...start, role: 'writer' }, onWriterBatch)
    thread.ready.then(
      () => {
        writerAlive = true
        if (writerEnds.length > 0) for (const listener of restartListeners) listener()
      },
      () => {},
    )
    void thread.ended.then((exitCode) => {
      if (!writerAlive && writerEnds.length === 0) return // It never opened the file: that is told to whoever starts the store.
      writerAlive = false
      if (closing) return
      observer.threadEnded('writer', exitCode)
      writerEnds.push(performance.now())
      const recent = writerEnds.filter((endedMs) => performance.now() - endedMs < 60_000).length
      const waitMs = Math.min(limits.writerRestartLongestMs, limits.writerRestartMs * 2 ** (recent - 1))
      if (waitMs === limits.writerRestartLongestMs) observer.limitReached('writerRestartLongestMs')
      setTimeout(() => {
        if (!closing) writer = startWriter()
      }, waitMs).unref()
    })
    return thread
  }
  let writer = startWriter()
  const epoch = await writer.ready // The writer makes and migrates the file; readers can open it only then.

  // The other lanes' threads start with their first query: a server that nobody looks at needs their memory for nothing.
  const readers: Partial<Record<Lane, StoreThread>> = {}
  const readerOf = (lane: Lane): StoreThread => (readers[lane] ??= startReader(lane))
  const startReader = (lane: Lane): StoreThread => {
    const thread = new StoreThread({ ...start, role: 'reader' }, () => {})
    void thread.ended.then((exitCode) => {
      if (readers[lane] !== thread) return
      delete readers[lane] // The next read of the lane starts another one.
      if (!closing) observer.threadEnded(lane, exitCode)
    })
    return thread
  }
  await readerOf('point').ready

  const queue = new OperationQueue(
    { operations: { state: limits.stateQueue, read: limits.readQueue, event: limits.eventQueue, log: limits.logQueue } },
    observer,
  )
  // node:sqlite cannot interrupt a statement; a reader that is stuck in one is replaced, its callers try again.
  const stuckReaders = new Set<StoreThread>()
  const watchdog = setInterval(() => {
    for (const lane of ['point', 'scan', 'stream'] as const) {
      const stuck = readers[lane]
      if (!stuck || stuck.runningMs() <= limits.readTimeoutMs) continue
      if (stuckReaders.size >= limits.stuckReaders) {
        if (stuck.pending > 0) observer.limitReached('stuckReaders')
        stuck.refusePending('a query runs too long')
        continue
      }
      delete readers[lane]
      stuckReaders.add(stuck)
      observer.readerRestarted(lane)
      void stuck.kill('a query runs too long').then(() => stuckReaders.delete(stuck))
    }
  }, limits.readersCheckEveryMs)
  watchdog.unref()

  async function run(
    kind: 'write' | 'read',
    name: string,
    workClass: WorkClass,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    if (closing) throw shed('the server is shutting down', { isMaintenance: true })
    queue.enter(workClass)
    const startedMs = performance.now()
    let failed = false
    try {
      return await send()
    } catch (error) {
      failed = true
      if (error instanceof RetryableError && error.limit) observer.limitReached(error.limit)
      throw error
    } finally {
      queue.leave(workClass)
      observer.operationDone(kind, name, (performance.now() - startedMs) / 1000, failed)
    }
  }

  return {
    epoch,
    write: ((name: string, args: unknown, workClass: WorkClass = 'state') =>
      run('write', name, workClass, () => writer.send(name, args))) as Store['write'],
    read: ((name: string, args: unknown, lane: Lane = 'point') =>
      run('read', name, 'read', () => readerOf(lane).send(name, args))) as Store['read'],
    onPublications: (listener) => void publicationListeners.push(listener),
    onWriterRestarted: (listener) => void restartListeners.push(listener),
    isReady: () => writerAlive && !closing,
    async ping() {
      await readerOf('point').send('pingStore', undefined)
    },
    async close() {
      closing = true
      clearInterval(watchdog)
      await Promise.all(Object.values(readers).map((reader) => reader.close()))
      await writer.close()
    },
  }
}
