import { readFileSync } from 'node:fs'

/** What the thread of a process that owns its sockets has had of the processor, and how long it has waited for it because others had it. */
export interface ProcessorTime {
  usedSeconds: number
  waitedSeconds: number
}

/** Linux. */
export function processorTime(pid: number): ProcessorTime {
  const [used, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
  return { usedSeconds: Number(used) / 1e9, waitedSeconds: Number(waited) / 1e9 }
}

/**
 * How many times slower a busy thread is because others want the processor too; ten times at most. A server that does nothing does not
 * show it: its few moments come at once.
 */
export function crowding(before: ProcessorTime, after: ProcessorTime): number {
  const usedSeconds = after.usedSeconds - before.usedSeconds
  return Math.min(10, (usedSeconds + after.waitedSeconds - before.waitedSeconds) / usedSeconds)
}
