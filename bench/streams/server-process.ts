import { readFileSync, readdirSync } from 'node:fs'
import { HttpConnection } from '../lib/http-connection.ts'
import type { Target } from '../targets.ts'

/** Open descriptors of a server's processes; 0 where /proc is missing. */
export function descriptorsOf(target: Target): number {
  return sumOver(target, (pid) => readdirSync(`/proc/${pid}/fd`).length)
}

/** Processor time of a server's processes so far. */
export function cpuSecondsOf(target: Target): number {
  return sumOver(target, processCpuSeconds)
}

/** Processor time of one process, all threads. */
function processCpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Kernel memory of all TCP sockets of the machine, MiB. */
export function kernelTcpMiB(): number {
  try {
    const pages = /^TCP: .* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'latin1'))?.[1] ?? 0
    return Math.round((Number(pages) * 4096) / 2 ** 20)
  } catch {
    return 0
  }
}

/** Bytes that the kernel holds for the peers of a server, MiB; its memory for them is about 1.4 times as much. */
export function kernelQueuesMiB(target: Target): number {
  try {
    const port = target.port.toString(16).toUpperCase().padStart(4, '0')
    // A listening socket (0A) tells the length of its own queue there.
    const rows = readFileSync('/proc/net/tcp', 'latin1').matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ (\w\w) ([0-9A-F]{8}):/gm)
    const bytes = [...rows].reduce((sum, [, local, state, queue]) => (local === port && state !== '0A' ? sum + Number.parseInt(queue!, 16) : sum), 0)
    return Math.round((bytes / 2 ** 20) * 10) / 10
  } catch {
    return 0
  }
}

/** A series of Spillway's metrics, summed over its labels that contain `label`; undefined for other targets. */
export async function metricOf(target: Target, name: string, label = ''): Promise<number | undefined> {
  if (target.name !== 'spillway') return undefined
  const connection = new HttpConnection(target.host, target.port)
  const reply = await connection.request('GET', `${target.base}/metrics`)
  connection.close()
  const lines = reply.body.toString().split('\n').filter((line) => line.startsWith(name) && line.includes(label) && /^[ {]/.test(line.slice(name.length)))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

function sumOver(target: Target, figure: (pid: number) => number): number {
  return target.pids().reduce((sum, pid) => {
    try {
      return sum + figure(pid)
    } catch {
      return sum
    }
  }, 0)
}
