import { newUuid7 } from '@spillway/core/wire/ids'
import { emitEvent } from '../event-log.ts'
import type { NewEvent, Publication, Sql, SqlParam, StoreSettings, Tx } from '../port.ts'
import type { Database } from './database.ts'

/**
 * Microseconds since the epoch, strictly rising inside a thread, so that no two operations share a time; only when the system's clock
 * is set back by more than a second, so is this one: what is due later would be due now for as long.
 */
let lastUs = 0
export function nowUs(): number {
  const us = Math.floor((performance.timeOrigin + performance.now()) * 1000)
  // performance.now() does not follow a corrected system clock; more than a second apart, the system clock is right.
  const wallUs = Date.now() * 1000
  const now = Math.abs(us - wallUs) > 1_000_000 ? wallUs : us
  lastUs = now > lastUs || lastUs - now > 1_000_000 ? now : lastUs + 1
  return lastUs
}

/** Reads of one query. */
export class SqliteSql implements Sql {
  readonly dialect = 'sqlite'
  readonly nowUs = nowUs()
  readonly settings: StoreSettings
  protected readonly db: Database

  constructor(db: Database, settings: StoreSettings) {
    this.db = db
    this.settings = settings
  }

  get<Row>(text: string, params?: readonly SqlParam[]): Row | undefined {
    return this.db.get<Row>(text, params)
  }

  all<Row>(text: string, params?: readonly SqlParam[]): Row[] {
    return this.db.all<Row>(text, params)
  }

  tuples<Tuple extends readonly unknown[]>(text: string, params?: readonly SqlParam[]): Tuple[] {
    return this.db.tuples<Tuple>(text, params)
  }
}

/** One command inside the group's transaction. Its publications count only when the group is committed. */
export class SqliteTx extends SqliteSql implements Tx {
  readonly publications: Publication[] = []

  run(text: string, params?: readonly SqlParam[]): number {
    return this.db.run(text, params)
  }

  newId(): string {
    return newUuid7(Math.floor(this.nowUs / 1000))
  }

  emit(event: NewEvent): Promise<void> {
    return emitEvent(this, event)
  }

  publish(publication: Publication): void {
    this.publications.push(publication)
  }
}
