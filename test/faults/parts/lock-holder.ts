/**
 * Another program with the store's file open: takes the write lock when told to (`{ holdMs }`), says `'held'`, and `'released'`
 * after that time.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'

const db = new DatabaseSync(process.argv[2]!, { timeout: 10_000 })

process.on('message', async ({ holdMs }: { holdMs: number }) => {
  db.exec('begin immediate')
  process.send!('held')
  await delay(holdMs)
  db.exec('rollback')
  process.send!('released')
})
process.on('disconnect', () => process.exit(0))
