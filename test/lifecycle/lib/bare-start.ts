import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'

/** The command's entry point. */
export const mainFile = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))

/** Waits until a process listens on a port of 127.0.0.1 and answers there; its output is not looked at. Linux. */
export async function untilListening(pid: number, withinMs = 20_000): Promise<string> {
  const deadlineMs = performance.now() + withinMs
  while (performance.now() < deadlineMs) {
    const port = listeningPort(pid)
    if (port !== undefined) {
      const url = `http://127.0.0.1:${port}`
      if (await fetch(`${url}/api/health`).then((answer) => answer.ok, () => false)) return url
    }
    await delay(20)
  }
  throw new Error(`process ${pid} does not listen`)
}

function listeningPort(pid: number): number | undefined {
  const own = new Set(socketsOf(pid))
  const listening = '0A'
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    if (state === listening && own.has(inode)) return Number.parseInt(local.split(':')[1] ?? '', 16)
  }
  return undefined
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
    return []
  }
}
