// Child processes for set-up scripts: quiet while they succeed, loud when they fail, with a sign of life.
import { execFileSync, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/**
 * Runs a command to its end. Its output is shown only when it fails; every ten seconds a line says that it still runs.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ label?: string, env?: Record<string, string>, cwd?: string }} [options] `label` starts the progress lines
 * @returns {Promise<string>} what the command printed to stdout
 */
export async function run(command, args, options = {}) {
  const label = options.label ?? path.basename(command)
  const startedMs = Date.now()
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const progress = setInterval(() => {
    console.log(`${label}: ${Math.round((Date.now() - startedMs) / 1000)} s …`)
  }, 10_000)
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (code !== 0) throw new Error(`${label} failed (exit code ${code})\n${errors || output}`)
    return output
  } finally {
    clearInterval(progress)
  }
}

/** The same for short commands, synchronously; returns stdout. */
run.sync = (command, args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/**
 * The absolute path of a command on PATH, or undefined.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function findOnPath(name) {
  for (const dir of (process.env.PATH ?? '').split(path.delimiter)) {
    if (!dir) continue
    const candidate = path.join(dir, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // Not here: look in the next directory.
    }
  }
  return undefined
}
