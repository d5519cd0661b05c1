import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back what loading the program needed and serving does not: V8 keeps the pages of its start-up garbage until a full
 * collection, which an idle server would not reach for hours. Once per thread, after start.
 */
export function shrinkHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: object) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
