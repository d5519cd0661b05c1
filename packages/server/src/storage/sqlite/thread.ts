/** The store's side: one writer thread (group commit) and some reader threads run this file. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { RetryableError, StartupError } from '../../errors.ts'
import { shrinkHeap } from '../../shrink-heap.ts'
import type { Tx } from '../port.ts'
import { toErrorMessage } from '../errors-across-threads.ts'
import type { MainMessage, OperationReply, OperationRequest, ThreadMessage, ThreadStart } from '../protocol.ts'
import type { Database } from './database.ts'
import { openReader, openWriter } from './open.ts'
import { SqliteSql, SqliteTx } from './session.ts'

type Operation<Session> = (session: Session, args: never) => unknown

const start = workerData as ThreadStart
// Each role loads only its own operations: a thread's modules are its own memory.
const operations: Readonly<Record<string, unknown>> =
  start.role === 'writer'
    ? (await import('../../commands/index.ts')).commands
    : (await import('../../queries/index.ts')).queries
const port = parentPort!
const waiting: OperationRequest[] = []
let closing = false
let running = false

function post(message: ThreadMessage): void {
  port.postMessage(message)
}

function receive(message: MainMessage): void {
  if (message.kind === 'close') closing = true
  else waiting.push(...message.requests)
}

/** Takes in what arrived while this thread was busy, without going back to the event loop. */
function receiveArrived(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) receive(next.message as MainMessage)
}

/** One wait for another process that holds the file. */
const busySliceMs = 100

/**
 * Begins a transaction, waiting up to `busyTimeoutMs` for another process. In slices: a thread that waits inside SQLite cannot be
 * ended, and the process could not end before it.
 */
function begin(db: Database): void {
  const deadlineMs = performance.now() + start.busyTimeoutMs
  for (;;) {
    try {
      return db.exec('begin immediate')
    } catch (error) {
      if (!(error instanceof RetryableError && error.limit === 'busyTimeoutMs') || performance.now() >= deadlineMs) throw error
    }
  }
}

/**
 * Runs what waits as one transaction, each command in its savepoint: a command that throws undoes only itself, a commit that
 * fails undoes the whole group and each of its callers is told to try again.
 */
async function runGroup(db: Database): Promise<void> {
  const replies: OperationReply[] = []
  const done: { reply: OperationReply; tx: SqliteTx }[] = []
  const taken: OperationRequest[] = []
  let commitMs = 0
  try {
    begin(db)
    // Counted from here: a group whose BEGIN had to wait for another process would otherwise take in nothing.
    const startedMs = performance.now()
    while (taken.length < start.groupCommands && performance.now() - startedMs < start.groupMs) {
      if (waiting.length === 0) receiveArrived()
      const request = waiting.shift()
      if (!request) break
      taken.push(request)
      const tx = new SqliteTx(db, start.settings)
      db.run('savepoint command')
      try {
        const operation = operations[request.name] as Operation<Tx>
        const value = await operation(tx, request.args as never)
        db.run('release command')
        done.push({ reply: { id: request.id, value }, tx })
      } catch (error) {
        // A full disk or an I/O error may have ended the whole transaction by itself; then nobody's work is there.
        if (!db.inTransaction) throw error
        db.run('rollback to command')
        db.run('release command')
        replies.push({ id: request.id, error: toErrorMessage(error) })
      }
    }
    const commitStartedMs = performance.now()
    db.exec('commit')
    commitMs = performance.now() - commitStartedMs
    for (const { reply } of done) replies.push(reply)
  } catch (error) {
    if (db.inTransaction) db.exec('rollback')
    // Nothing of the group is stored. If BEGIN itself failed, everything that waits would fail the same way: answer it now.
    const failed = taken.length > 0 ? taken : waiting.splice(0)
    const message = toErrorMessage(
      error instanceof RetryableError ? error : new RetryableError(`the store could not commit: ${(error as Error).message}`, 2),
    )
    const answered = new Set(replies.map((reply) => reply.id))
    for (const { id } of failed) if (!answered.has(id)) replies.push({ id, error: message })
    done.length = 0
  }
  post({
    kind: 'replies',
    replies,
    publications: done.flatMap(({ tx }) => tx.publications),
    commands: taken.length,
    commitMs,
  })
}

async function runQuery(db: Database, request: OperationRequest): Promise<OperationReply> {
  Atomics.store(start.watch, 0, Math.floor(performance.timeOrigin + performance.now()) & 0x7fffffff)
  Atomics.store(start.watch, 1, request.id & 0x7fffffff)
  try {
    const operation = operations[request.name] as Operation<SqliteSql>
    // One snapshot for all statements of the query.
    db.run('begin')
    return { id: request.id, value: await operation(new SqliteSql(db, start.settings), request.args as never) }
  } catch (error) {
    return { id: request.id, error: toErrorMessage(error) }
  } finally {
    if (db.inTransaction) db.run('commit')
    Atomics.store(start.watch, 1, 0)
  }
}

async function runQueries(db: Database): Promise<void> {
  const replies: OperationReply[] = []
  const startedMs = performance.now()
  // A few short reads share one message; a long one is answered as soon as it is done.
  while (waiting.length > 0 && performance.now() - startedMs < 2) replies.push(await runQuery(db, waiting.shift()!))
  post({ kind: 'replies', replies, publications: [], commands: replies.length, commitMs: 0 })
}

async function work(db: Database): Promise<void> {
  if (running) return
  running = true
  try {
    for (;;) {
      receiveArrived()
      if (waiting.length === 0) break
      if (start.role === 'writer') await runGroup(db)
      else await runQueries(db)
    }
  } finally {
    running = false
  }
  if (closing) {
    db.close()
    port.close()
  }
}

try {
  const db = start.role === 'writer' ? openWriter(start) : openReader(start)
  if (start.role === 'writer') db.exec(`pragma busy_timeout = ${Math.min(start.busyTimeoutMs, busySliceMs)}`)
  const epoch = db.get<{ value: string }>(`select value from store_meta where key = 'epoch'`)?.value ?? ''
  port.on('message', (message: MainMessage) => {
    receive(message)
    void work(db)
  })
  post({ kind: 'ready', epoch })
  setImmediate(shrinkHeap)
} catch (error) {
  const remedy = error instanceof StartupError ? error.remedy : 'See the message; the data folder was not changed.'
  post({ kind: 'failed', message: (error as Error).message, remedy })
  port.close()
}
