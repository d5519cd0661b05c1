import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/** The port on which a process listens, if it does. Linux. */
export function listeningPort(pid: number): number | undefined {
  const own = new Set(socketsOf(pid))
  return listeners().find(({ inode }) => own.has(inode))?.port
}

/** The process that listens on a port of this machine; undefined where the system does not tell (Linux does). */
export function listenerOn(port: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const inodes = new Set(listeners().filter((listener) => listener.port === port).map(({ inode }) => inode))
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
  return pids.find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)))
}

function listeners(): { port: number; inode: string }[] {
  const listening = '0A'
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1))
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    return state === listening ? [{ port: Number.parseInt(local.split(':')[1] ?? '', 16), inode }] : []
  })
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return [] // Closed in between.
      }
    })
  } catch {
    return [] // Gone in between, or not ours to look at.
  }
}
