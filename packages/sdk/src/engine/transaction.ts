import { asError, MissingContextError, SpillwayError } from '../errors.ts'
import type { Session } from '../session.ts'
import { keep, readKept } from './cache.ts'
import { currentFrame, inFrame } from './context.ts'
import type { ResultStorage } from './result-storage.ts'
import { getRunLogger, type RunLogger } from './run-logger.ts'
import { shield } from './shield.ts'

/** How a transaction is known, kept apart from others, and committed. */
export interface TransactionOptions {
  /** Names what the transaction makes: once it is committed under this name, later ones find it committed. */
  readonly key?: string
  /** `serializable`: only one transaction of the key at a time, in all processes that share the storage. Default `read-committed`. */
  readonly isolation?: 'read-committed' | 'serializable'
  /** Goes on as if nothing had been committed under the key. */
  readonly overwrite?: boolean
  /** `lazy`: inside another transaction, it is committed with that one. `eager`: when its own work has ended. Default: as the one around it, else `lazy`. */
  readonly commit?: 'lazy' | 'eager'
}

type Hook = (transaction: Transaction) => unknown

/** Something that is done for good, or undone, with its transaction. */
export interface TransactionPart {
  readonly commit: () => Promise<void>
  readonly rollBack: () => Promise<void>
}

/** What belongs together: it is committed when all of it has gone well, and rolled back when its function throws. */
export class Transaction implements TransactionPart {
  readonly key: string | undefined
  /** @internal */
  readonly commitMode: 'lazy' | 'eager'
  readonly #session: Session
  readonly #storage: ResultStorage
  readonly #parent: Transaction | undefined
  readonly #logger: RunLogger
  readonly #values = new Map<string, unknown>()
  readonly #parts: TransactionPart[] = []
  readonly #onCommit: Hook[] = []
  readonly #onRollback: Hook[] = []
  #staged: { readonly value: unknown } | undefined
  #state: 'active' | 'committed' | 'rolled-back' = 'active'

  /** @internal */
  constructor(session: Session, parent: Transaction | undefined, { key, commit }: TransactionOptions) {
    this.#session = session
    this.#storage = currentFrame()?.flow?.storage ?? session.storage
    this.#parent = parent
    this.#logger = getRunLogger()
    this.key = key
    this.commitMode = commit ?? parent?.commitMode ?? 'lazy'
  }

  /** Also when it was so from the beginning: an earlier transaction had the same key. */
  get isCommitted(): boolean {
    return this.#state === 'committed'
  }

  get isRolledBack(): boolean {
    return this.#state === 'rolled-back'
  }

  /** Keeps a value for the hooks. */
  set(name: string, value: unknown): void {
    this.#values.set(name, structuredClone(value))
  }

  /** A copy of a value of this transaction or of one around it. @throws {SpillwayError} `transaction-value-missing` when there is none and no fallback. */
  get<T>(name: string, ...fallback: [] | [T]): T {
    if (this.#values.has(name)) return structuredClone(this.#values.get(name)) as T
    if (this.#parent) return this.#parent.get<T>(name, ...fallback)
    if (fallback.length > 0) return fallback[0] as T
    throw new SpillwayError('transaction-value-missing', `nothing is set as '${name}' in this transaction`)
  }

  /** Called when it is committed, first come first. */
  onCommit(hook: Hook): void {
    this.#onCommit.push(hook)
  }

  /** Called when it is rolled back, last come first. */
  onRollback(hook: Hook): void {
    this.#onRollback.push(hook)
  }

  /** The value that is kept under the key when it is committed. */
  stage(value: unknown): void {
    this.#staged = { value }
  }

  /** What was committed under the key. */
  async read<T = unknown>(): Promise<T | undefined> {
    return this.key === undefined ? undefined : ((await readKept(this.#session, this.key, this.#storage))?.value as T | undefined)
  }

  /** @internal Adds what shares its end. What comes after the end meets it at once. */
  async add(part: TransactionPart): Promise<void> {
    if (this.#state === 'active') this.#parts.push(part)
    else if (this.#state === 'committed') await part.commit()
    else await part.rollBack()
  }

  /** @internal Finds out whether the key was committed before. */
  async begin({ overwrite }: TransactionOptions): Promise<void> {
    if (this.key === undefined || overwrite) return
    if (await readKept(this.#session, this.key, this.#storage)) this.#state = 'committed'
  }

  /** @internal @throws the error of a hook or of the storage; it is rolled back then. */
  async commit(): Promise<void> {
    if (this.#state !== 'active') return
    try {
      for (const part of this.#parts) await part.commit()
      for (const hook of this.#onCommit) await hook(this)
      if (this.key !== undefined) await keep(this.#session, this.key, this.#staged?.value ?? null, { storage: this.#storage })
      this.#state = 'committed'
    } catch (error) {
      this.#logger.error('a transaction could not be committed and is rolled back', { error: asError(error) })
      await this.rollBack()
      throw error
    }
  }

  /** @internal Undoes as much as can be: a hook that fails is told in the log, and the others go on. */
  async rollBack(): Promise<void> {
    if (this.#state !== 'active') return
    this.#state = 'rolled-back'
    await runHooks(this.#onRollback.toReversed().map((hook) => () => hook(this)), this.#logger, 'a roll-back hook failed; what it was to undo may still be there')
    for (const part of this.#parts.toReversed()) await part.rollBack()
  }
}

/** @internal Calls hooks; one that fails is told in the log, and keeps no other from running. */
export async function runHooks(hooks: readonly (() => unknown)[], logger: RunLogger, onFailure: string): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook()
    } catch (error) {
      logger.error(onFailure, { error: asError(error) })
    }
  }
}

/**
 * Runs a function whose tasks belong together: when it throws, what they did is undone by their `onRollback` hooks, last
 * first, and their runs end as RolledBack; when it returns, their results are kept and their `onCommit` hooks run.
 *
 *     await transaction(async (txn) => {
 *       await writeFile(path)       // task({ onRollback: [() => rm(path)] }, …)
 *       await check(path)           // throws: the file is removed
 *     })
 *
 * @throws what the function threw, after the roll-back; what a commit hook threw
 */
export async function transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
export async function transaction<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T>
export async function transaction<T>(first: TransactionOptions | ((transaction: Transaction) => Promise<T>), second?: (transaction: Transaction) => Promise<T>): Promise<T> {
  const [options, work] = typeof first === 'function' ? [{}, first] : [first, second!]
  const frame = currentFrame()
  if (!frame) throw new MissingContextError('transaction()')
  const { session } = frame
  const own = new Transaction(session, frame.transaction, options)
  await using _lock = options.isolation === 'serializable' ? await lockOf(session, frame.flow?.storage ?? session.storage, options.key, frame.signal) : undefined
  await own.begin(options)
  try {
    const value = await inFrame({ ...frame, transaction: own }, () => work(own))
    if (frame.transaction && own.commitMode === 'lazy') await frame.transaction.add(own)
    else await shield(() => own.commit())
    return value
  } catch (error) {
    await shield(() => own.rollBack())
    throw error
  }
}

/** The transaction that this code is part of. */
export function currentTransaction(): Transaction | undefined {
  return currentFrame()?.transaction
}

async function lockOf(session: Session, storage: ResultStorage, key: string | undefined, signal: AbortSignal): Promise<AsyncDisposable> {
  if (key === undefined) throw new TypeError("a transaction that is 'serializable' needs a key")
  if (!storage.lock) throw new SpillwayError('storage-without-locks', "this storage has no locks, which isolation: 'serializable' needs; results in a folder have them")
  return await storage.lock(key, session.clock, signal)
}
