/** Holds the write lock of a database from another process: `node lock-holder.ts <file> <ms>`. */
import { DatabaseSync } from 'node:sqlite'

const [path, ms] = process.argv.slice(2) as [string, string]
const db = new DatabaseSync(path, { timeout: 10_000 })
db.exec('begin immediate')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms))
db.exec('rollback')
process.disconnect?.()
