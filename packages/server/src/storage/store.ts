import type { Commands } from '../commands/index.ts'
import type { Queries } from '../queries/index.ts'
import type { Publication, WorkClass } from './port.ts'

type Args<Operation> = Operation extends (session: never, args: infer A) => unknown ? A : never
type Result<Operation> = Operation extends (session: never, args: never) => infer R ? Awaited<R> : never

/**
 * Which reader takes a query: `point` reads are short, `scan` reads may be long and must not hold up the short ones, `stream` reads
 * are the bounded pages of subscriptions, which must wait for neither.
 */
export type Lane = 'point' | 'scan' | 'stream'

/**
 * The store as the connection thread sees it: named operations that run on the store's side.
 *
 * Both reject with RetryableError when the queue of the class is full, the work waited too long, or the store could not
 * commit; what an operation itself refuses comes back as the AppError that it threw.
 */
export interface Store {
  /** Identifies the event log: a cursor of another epoch means nothing here. */
  readonly epoch: string
  /** Runs a command in a transaction; resolves after its commit. */
  write<Name extends keyof Commands>(name: Name, args: Args<Commands[Name]>, workClass?: WorkClass): Promise<Result<Commands[Name]>>
  /** Runs a query on one snapshot. */
  read<Name extends keyof Queries>(name: Name, args: Args<Queries[Name]>, lane?: Lane): Promise<Result<Queries[Name]>>
  /** Called after each commit with what it published, in commit order. */
  onPublications(listener: (publications: readonly Publication[]) => void): void
  /**
   * Called when another writer has taken the place of one that ended. What the ended one committed last may never have been
   * published: whoever lives on publications reads the event log on from its cursor. Nothing of the new writer is published before.
   */
  onWriterRestarted(listener: () => void): void
  /** True while the writer lives. */
  isReady(): boolean
  /** Resolves when a reader answers. It waits in no queue of a class: a full one is no sign of a dead store. */
  ping(): Promise<void>
  /** Finishes what was accepted, then closes. */
  close(): Promise<void>
}
