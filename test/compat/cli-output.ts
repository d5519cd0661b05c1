import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startRealPrefect } from './real-prefect.ts'
import { runScript } from './scripts.ts'
import type { ScriptRun } from './scripts.ts'
import { makeTempDir } from './target.ts'

/** What each command of flows/cli.py printed, line by line, with ids and times made anonymous. */
export type CliOutput = Record<string, string[]>

/** The file that keeps what the commands print against the real server of a version. */
export function cliRecordingFile(version: string): string {
  return fileURLToPath(new URL(`./recorded/cli-${version}.json`, import.meta.url))
}

/** The recorded output, or undefined when this version was never recorded. */
export function readCliRecording(version: string): CliOutput | undefined {
  const file = cliRecordingFile(version)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CliOutput) : undefined
}

/** Runs flows/cli.py against a fresh server and gives what the commands printed. */
export async function collectCliOutput(
  apiUrl: string,
  prefectVersion: string,
): Promise<{ run: ScriptRun; printed: CliOutput }> {
  const dir = makeTempDir('cli')
  const file = path.join(dir, 'printed.json')
  try {
    const run = await runScript({ name: 'cli', apiUrl, prefectVersion, env: { COMPAT_CLI_OUTPUT: file } })
    return { run, printed: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CliOutput) : {} }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Commands whose output differs, each with the first lines that do. */
export function compareCliOutput(expected: CliOutput, actual: CliOutput): string[] {
  const found: string[] = []
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const [wanted, given] = [expected[name] ?? ['(not run)'], actual[name] ?? ['(not run)']]
    const at = wanted.findIndex((line, index) => line !== given[index])
    const index = at >= 0 ? at : wanted.length < given.length ? wanted.length : -1
    if (index >= 0) {
      const [should, does] = [wanted[index] ?? '(end)', given[index] ?? '(end)']
      found.push(`${name}, line ${index + 1}\n  expected: ${should}\n  got:      ${does}`)
    }
  }
  return found
}

/** Records what the commands print against the real server. */
export async function recordCli(version: string): Promise<void> {
  const target = await startRealPrefect({ version })
  try {
    const { run, printed } = await collectCliOutput(target.apiUrl, version)
    if (!run.ok) throw new Error(run.output)
    const file = cliRecordingFile(version)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify(printed, null, 1)}\n`)
    console.log(`${Object.keys(printed).length} commands recorded for ${version}`)
  } finally {
    await target.stop()
  }
}
