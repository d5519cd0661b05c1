import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What a running server leaves in its home, so that other commands find it. */
export interface ServerRecord {
  readonly pid: number
  /** Tells this process from a later one with the same pid. */
  readonly mark: string
  readonly url: string
  readonly apiUrl: string
  readonly databasePath: string
  readonly startedAt: string
}

function recordPath(home: string): string {
  return path.join(home, 'server.pid')
}

/** Notes the server that this process is. @returns how to take the note away. */
export function writeServerRecord(home: string, server: Pick<ServerRecord, 'url' | 'apiUrl' | 'databasePath'>): () => void {
  const { url, apiUrl, databasePath } = server
  const record: ServerRecord = { pid: process.pid, mark: processMark(process.pid) ?? '', url, apiUrl, databasePath, startedAt: new Date().toISOString() }
  const file = recordPath(home)
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, `${JSON.stringify(record, null, 2)}\n`)
  chmodSync(unfinished, 0o600)
  renameSync(unfinished, file)
  return () => {
    if (readRecord(home)?.pid === process.pid) rmSync(file, { force: true })
  }
}

/** The server that runs in this home. A record whose process is gone, or is another one by now, counts as none. */
export function runningServer(home: string): ServerRecord | undefined {
  const record = readRecord(home)
  return record && isAlive(record) ? record : undefined
}

/** Whether the very process of a record lives. */
export function isAlive({ pid, mark }: Pick<ServerRecord, 'pid' | 'mark'>): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return mark !== '' && processMark(pid) === mark
}

function readRecord(home: string): ServerRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(home), 'utf8')) as ServerRecord
    return Number.isSafeInteger(record.pid) && typeof record.mark === 'string' ? record : undefined
  } catch {
    return undefined
  }
}

/** When a process was started, in whatever form the system tells it; undefined when there is none, or it cannot be told. */
export function processMark(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    // The 22nd field of the line: the start, in ticks since the boot. A zombie has ended.
    return state === 'Z' ? undefined : `${boot} ${fields[18]}`
  } catch (error) {
    if (process.platform === 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
