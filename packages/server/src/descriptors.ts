import { readFileSync } from 'node:fs'
import type { Limits } from './limits.ts'

/** How many descriptors this process may have open (`ulimit -n`, which Node raises to the hard limit at its start); undefined where it is not known. */
export function openFilesMax(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return openFilesOfReport() // No /proc: macOS.
  }
}

function openFilesOfReport(): number | undefined {
  const report = process.report as (NodeJS.ProcessReport & { excludeNetwork?: boolean }) | undefined
  if (report === undefined) return undefined
  report.excludeNetwork = true // It would look up the names of all peers.
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : undefined
}

/**
 * The bounds with as many connections as there are descriptors for. At the limit of the system itself nothing can be opened any
 * more, neither by the store nor for a health probe; so a share is never given to connections. A quarter of the connections is
 * kept from websockets, which stay, so that requests get through beside them.
 *
 * @param descriptors What `openFilesMax` found.
 */
export function fitToDescriptors(limits: Limits, descriptors: number | undefined): Limits {
  if (descriptors === undefined) return limits
  const reserved = Math.max(limits.reservedDescriptors, Math.ceil(descriptors / 10))
  const connections = Math.max(1, Math.min(limits.connections, descriptors - reserved))
  const websocketConnections = Math.max(1, Math.min(limits.websocketConnections, Math.floor(connections * 0.75)))
  return { ...limits, connections, websocketConnections }
}
