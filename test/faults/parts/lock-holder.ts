/**
 * Another program with the store's file open: takes the write lock when told to (`{ holdMs }`), says `'held'`, and `'released'`
 * after that time, or when it is told to `'release'` it. Without a time it waits to be told.
 */
import { DatabaseSync } from 'node:sqlite'

const db = new DatabaseSync(process.argv[2]!, { timeout: 10_000 })
let release = (): void => {}

process.on('message', async (message: { holdMs?: number } | 'release') => {
  if (message === 'release') return release()
  db.exec('begin immediate')
  process.send!('held')
  await new Promise<void>((resolve) => {
    release = resolve
    if (message.holdMs !== undefined) setTimeout(resolve, message.holdMs)
  })
  db.exec('rollback')
  process.send!('released')
})
process.on('disconnect', () => process.exit(0))
