import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

/** What a reader needs to judge a figure; nothing that names the machine. */
export function machineFacts() {
  return {
    at: new Date().toISOString().slice(0, 19) + 'Z',
    commit: commit(),
    node: process.version,
    sqlite: process.versions.sqlite,
    platform: `${process.platform}-${process.arch}`,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    scheduling: scheduling(),
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  }
}

/** Whether this process, and so all that it starts, goes before the other work of the machine. */
function scheduling(): 'normal' | 'real-time' {
  try {
    // The 41st field of proc_pid_stat(5) is the policy; 1 and 2 are real-time. The second may hold spaces and ends with the last bracket.
    const policy = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\)/s, '').trim().split(' ')[38]
    return policy === '1' || policy === '2' ? 'real-time' : 'normal'
  } catch {
    return 'normal'
  }
}

function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim()
  } catch {
    return null
  }
}
