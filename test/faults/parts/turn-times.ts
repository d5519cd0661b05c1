/**
 * Loaded into a server before anything else (`--import`): measures what each turn of its event loop costs in processor time. Unlike
 * the delay of the loop, that does not depend on what else the machine does. SIGUSR2 writes the figures to the file that
 * TURN_TIMES_FILE names, and begins anew.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { Samples } from '../../../bench/lib/samples.ts'

const file = process.env['TURN_TIMES_FILE']

if (isMainThread && file !== undefined) {
  let turns = new Samples()
  let before = process.threadCpuUsage()
  // Due in every turn that is worth a look.
  setInterval(() => {
    const after = process.threadCpuUsage()
    turns.add((after.user + after.system - before.user - before.system) / 1_000)
    before = after
  }, 2).unref()
  process.on('SIGUSR2', () => {
    writeFileSync(`${file}.part`, JSON.stringify(turns.summary()))
    renameSync(`${file}.part`, file)
    turns = new Samples()
  })
}
