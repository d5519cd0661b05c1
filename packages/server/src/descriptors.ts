import { readFileSync } from 'node:fs'

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
